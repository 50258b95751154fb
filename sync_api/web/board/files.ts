/** What a page gives its reader to keep: a list from the gateway, a picture. */
import type { Session } from '../shared/session';

/** Saves what the gateway gives as a file. Throws `TypeError` where the gateway refuses. */
export async function download(session: Session, path: string, name: string): Promise<void> {
  const answer = await session.fetch(path);
  if (!answer.ok) throw new TypeError(`HTTP ${answer.status}`);
  keepFile(await answer.blob(), name);
}

export function keepFile(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
