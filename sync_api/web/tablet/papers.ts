/** The papers addressed to this village, as far as they have come to this tablet: read and acknowledged here. */
import type { NoticeView } from '../shared/api';
import type { Acknowledgement } from '../shared/documents';

export interface PaperHere {
  paper: NoticeView;
  /** When somebody of this village said that it has come; undefined while nobody has. */
  acknowledgedAt: string | undefined;
  /** That word lies here, and is not with the gateway yet. */
  isWaiting: boolean;
}

/** Those that wait for a word first, then the newest. A word that the gateway refused is none. */
export function papersHere(
  papers: NoticeView[],
  words: Acknowledgement[],
  outbox: { waiting: string[]; refused: Record<string, string> },
): PaperHere[] {
  const said = words
    .filter(({ _id }) => !(_id in outbox.refused))
    .sort((a, b) => a.observed_at.localeCompare(b.observed_at));
  return papers
    .map((paper) => {
      const word = said.find(({ notice }) => notice === paper.id);
      const isWaiting = word !== undefined && outbox.waiting.includes(word._id);
      return { paper, acknowledgedAt: word?.observed_at, isWaiting };
    })
    .sort(
      (a, b) =>
        Number(a.acknowledgedAt !== undefined) - Number(b.acknowledgedAt !== undefined) ||
        b.paper.issued_at.localeCompare(a.paper.issued_at),
    );
}
