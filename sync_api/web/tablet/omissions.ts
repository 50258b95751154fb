/** What was said of this informant's own reporting, as far as it is on this tablet: late, missed, concealed. */
import { APPEAL_DAYS, type Omission, type Sanction } from '../shared/documents';

const DAY_MS = 86_400_000;
/** Heze's days begin eight hours before UTC's. */
const SHIFT_MS = 8 * 3_600_000;
const dayOf = (at: string): number => Math.floor((Date.parse(at) + SHIFT_MS) / DAY_MS);

export interface Said {
  confirmed: Omission;
  /** All steps, in the order in which they happened. */
  steps: Omission[];
  state: 'confirmed' | 'appealed' | 'upheld' | 'withdrawn';
  /** The last day on which it may be appealed. */
  until: string;
}

/** The chains of steps, the newest first, as `models/truthfulness/chains.py` folds them. What the gateway refused has
 * no part in them. */
export function saidOf(omissions: Omission[], refused: ReadonlySet<string>): Said[] {
  const byId = new Map(omissions.filter(({ _id }) => !refused.has(_id)).map((one) => [one._id, one]));
  const chains = new Map<string, Omission[]>();
  for (const one of byId.values()) {
    const root = rootOf(one, byId);
    chains.set(root, [...(chains.get(root) ?? []), one]);
  }
  return [...chains.values()]
    .flatMap((steps) => {
      steps.sort((a, b) => Date.parse(a.saved_at) - Date.parse(b.saved_at) || a._id.localeCompare(b._id));
      const confirmed = steps.find(({ step }) => step === 'confirmed' || step === 'upheld');
      if (!confirmed) return [];
      const until = new Date((dayOf(confirmed.saved_at) + APPEAL_DAYS) * DAY_MS).toISOString().slice(0, 10);
      return [{ confirmed, steps, state: stateOf(steps), until }];
    })
    .sort((a, b) => b.confirmed.saved_at.localeCompare(a.confirmed.saved_at));
}

function rootOf(step: Omission, byId: ReadonlyMap<string, Omission>): string {
  const seen = new Set<string>();
  let one = step;
  for (let before = byId.get(one.about); before && !seen.has(before._id); before = byId.get(one.about)) {
    seen.add(before._id);
    one = before;
  }
  return one.about;
}

function stateOf(steps: Omission[]): Said['state'] {
  const said = steps.map(({ step }) => step);
  const last = (step: Omission['step']): number => said.lastIndexOf(step);
  if (last('withdrawn') >= 0) return 'withdrawn';
  if (last('appealed') > last('upheld')) return 'appealed';
  return last('upheld') >= 0 ? 'upheld' : 'confirmed';
}

/** Whether it may still be appealed on the day of an instant; the gateway has the last word. */
export function mayAppeal({ state, confirmed }: Said, now: Date): boolean {
  return state === 'confirmed' && dayOf(now.toISOString()) - dayOf(confirmed.saved_at) <= APPEAL_DAYS;
}

/** Decisions, the newest first. */
export const newestFirst = (sanctions: Sanction[]): Sanction[] =>
  [...sanctions].sort((a, b) => b.saved_at.localeCompare(a.saved_at));
