/** What a page gives its reader to keep: a list from the gateway, a picture. */
import type { Session } from '../shared/session';

/** Saves what the gateway gives as a file, under the name that it gives it. Throws `TypeError` where it refuses. */
export async function download(session: Session, path: string): Promise<void> {
  const answer = await session.fetch(path);
  if (!answer.ok) throw new TypeError(`HTTP ${answer.status}`);
  const name = /filename\*=UTF-8''(\S+)/.exec(answer.headers.get('Content-Disposition') ?? '')?.[1] ?? '';
  keepFile(await answer.blob(), decodeURIComponent(name));
}

export function keepFile(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
