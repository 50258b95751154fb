/** The papers addressed to this village, as far as they have come to this tablet: read and acknowledged here. */
import type { NoticeView } from '../shared/api';
import type { Acknowledgement } from '../shared/documents';

export interface PaperHere {
  paper: NoticeView;
  /** When somebody of this village said that it has come; undefined while nobody has. */
  acknowledgedAt: string | undefined;
  /** That word lies here, and is not with the gateway yet. */
  isWaiting: boolean;
  /** It was acknowledged and withdrawn afterwards, and nobody here has said that they know. */
  isWithdrawnUnheard: boolean;
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
      const ofPaper = said.filter(({ notice }) => notice === paper.id);
      const [word, last] = [ofPaper[0], ofPaper.at(-1)];
      const isWaiting = last !== undefined && outbox.waiting.includes(last._id);
      const withdrawn = Date.parse(paper.withdrawn_at ?? '');
      const isWithdrawnUnheard = last !== undefined && Date.parse(last.observed_at) <= withdrawn;
      return { paper, acknowledgedAt: word?.observed_at, isWaiting, isWithdrawnUnheard };
    })
    .sort((a, b) => Number(isToDo(b)) - Number(isToDo(a)) || b.paper.issued_at.localeCompare(a.paper.issued_at));
}

/** Whether it waits for a word from this village. */
export const isToDo = (one: PaperHere): boolean =>
  one.isWithdrawnUnheard || (one.acknowledgedAt === undefined && !one.paper.withdrawn_at);
