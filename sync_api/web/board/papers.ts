/** What the pages of papers share. */
import { type Ref, ref, type ShallowRef, shallowRef } from 'vue';
import { ask, type NoticeRow, type NoticeView, type PaperPreview } from '../shared/api';
import type { Failure } from '../shared/failures';
import type { Session } from '../shared/session';
import { attempt } from './office';

const MS_PER_DAY = 86_400_000;

/** It waits to be acknowledged, or was withdrawn after that, which one is to say that one knows. */
export const isMineToDo = (paper: NoticeRow): boolean =>
  paper.receivers.some(
    (one) => one.is_mine && (one.acknowledged_at === null) === (paper.withdrawn_at === null) && !one.has_heard,
  );

/** Whole days since it was issued. */
export const daysWaited = (paper: NoticeRow, asOf: string): number =>
  Math.floor(Math.max(0, Date.parse(asOf) - Date.parse(paper.issued_at)) / MS_PER_DAY);

/** What a field holds, a line each. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

/** Opens a PDF beside the page, to be read and printed. Throws for any other answer. */
export async function openPdf(answer: Response): Promise<void> {
  if (!answer.ok) throw new TypeError(`HTTP ${answer.status}`);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await answer.blob());
  link.target = '_blank';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** A paper is seen as it would be issued, and then issued; `shown` is the former. */
export function usePreview(
  session: Session,
  path: () => string,
  asked: () => object,
  issued: (id: string) => void,
): {
  shown: ShallowRef<PaperPreview | undefined>;
  refused: ShallowRef<Failure | undefined>;
  isBusy: Ref<boolean>;
  preview: () => Promise<void>;
  /** Opens the draft as PDF. */
  print: () => Promise<void>;
  issue: () => Promise<void>;
} {
  const shown = shallowRef<PaperPreview>();
  const refused = shallowRef<Failure>();
  const isBusy = ref(false);
  const busily = async (work: () => Promise<void>): Promise<void> => {
    isBusy.value = true;
    refused.value = await attempt(work);
    isBusy.value = false;
  };
  const preview = (): Promise<void> =>
    busily(async () => {
      shown.value = await ask<PaperPreview>(session.fetch, `${path()}/preview`, asked());
    });
  const print = (): Promise<void> =>
    busily(async () => {
      const headers = { 'Content-Type': 'application/json' };
      const sent = { method: 'POST', headers, body: JSON.stringify(asked()) };
      await openPdf(await session.fetch(`${path()}/preview/paper.pdf`, sent));
    });
  const issue = (): Promise<void> =>
    busily(async () => {
      // what was issued on the same before is said above the button
      const again = (shown.value?.earlier.length ?? 0) > 0;
      issued((await ask<NoticeView>(session.fetch, path(), { ...asked(), again })).id);
    });
  return { shown, refused, isBusy, preview, print, issue };
}
