/** Drafts lie in localStorage: written at every keystroke, there after a crash, a reload or an update. */
import { kept, useKept } from '../shared/drafts';
import type { OwnEvent } from './store';

const key = (alias: string, form: string): string => `d110.draft.${alias}.${form}`;

/** A reactive draft of one form of one user, kept at every change. `clear` empties and forgets it. */
export function useDraft<T extends object>(alias: string, form: string, empty: () => T) {
  return useKept(localStorage, key(alias, form), empty);
}

/** What a form of this user has in it that is not saved. */
export function keptDraft<T>(alias: string, form: string): T | undefined {
  return kept<T>(localStorage, key(alias, form));
}

/** Whether a form of this user has something in it that is not saved. */
export function hasDraft(alias: string): boolean {
  return Object.keys(KIND_OF_FORM).some((form) => keptDraft(alias, form) !== undefined);
}

/** Starts a draft from outside its form, as with a report that was sent back. */
export function putDraft(alias: string, form: string, draft: object): void {
  localStorage.setItem(key(alias, form), JSON.stringify(draft));
}

/** The forms that keep drafts, and the kind of event that each of them makes. */
const KIND_OF_FORM = { report: 'report', round: 'round', step: 'case', appeal: 'omission' } as const;
export type DraftKind = (typeof KIND_OF_FORM)[keyof typeof KIND_OF_FORM];
/** What names the matter of a step or an appeal; without it a draft is none yet. */
const MATTER_OF_FORM: Record<string, string> = { step: 'case', appeal: 'about' };
type Frame = (kind: DraftKind, owner?: string) => object;

/** What lies in this user's forms, as events of whatever is there: for an office that looks at it, since a tablet that is
 * shut off keeps nothing. */
export function draftEvents(alias: string, frame: Frame): { event: OwnEvent; forget: () => void }[] {
  const found: { event: OwnEvent; forget: () => void }[] = [];
  for (const [form, type] of Object.entries(KIND_OF_FORM)) {
    const draft = keptDraft<Record<string, string>>(alias, form);
    const matter = MATTER_OF_FORM[form];
    if (draft === undefined || (matter && !draft[matter])) continue;
    const { case: identity, ...said } = draft;
    const signed = matter ? { author: alias } : {};
    const event = { type, ...frame(type, identity), ...signed, ...said } as unknown as OwnEvent;
    found.push({ event, forget: () => localStorage.removeItem(key(alias, form)) });
  }
  return found;
}
