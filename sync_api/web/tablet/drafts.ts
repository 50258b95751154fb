/** Drafts lie in localStorage: written at every keystroke, there after a crash, a reload or an update. */
import { reactive, watch } from 'vue';
import type { OwnEvent } from './store';

const key = (alias: string, form: string): string => `d110.draft.${alias}.${form}`;

/** A reactive draft of one form of one user, kept at every change. `clear` empties and forgets it. */
export function useDraft<T extends object>(
  alias: string,
  form: string,
  empty: () => T,
): { draft: T; clear: () => void } {
  const draft = reactive({ ...empty(), ...keptDraft<T>(alias, form) }) as T;
  let isClearing = false;
  watch(
    draft,
    () => {
      if (!isClearing) localStorage.setItem(key(alias, form), JSON.stringify(draft));
    },
    { deep: true, flush: 'sync' },
  );
  const clear = (): void => {
    isClearing = true;
    Object.assign(draft, empty());
    isClearing = false;
    localStorage.removeItem(key(alias, form));
  };
  return { draft, clear };
}

/** What a form of this user has in it that is not saved. */
export function keptDraft<T>(alias: string, form: string): T | undefined {
  const kept = localStorage.getItem(key(alias, form));
  return kept === null ? undefined : (JSON.parse(kept) as T);
}

/** Whether a form of this user has something in it that is not saved. */
export function hasDraft(alias: string): boolean {
  return ['report', 'round', 'step', 'appeal'].some((form) => keptDraft(alias, form) !== undefined);
}

/** Starts a draft from outside its form, as with a report that was sent back. */
export function putDraft(alias: string, form: string, draft: object): void {
  localStorage.setItem(key(alias, form), JSON.stringify(draft));
}

interface StepDraft {
  case?: string;
}
type Frame = (kind: 'report' | 'round' | 'case', owner?: string) => object;

/** What lies in this user's forms, as events of whatever is there: for an office that looks at it, since a tablet that is
 * shut off keeps nothing. */
export function draftEvents(alias: string, frame: Frame): { event: OwnEvent; forget: () => void }[] {
  const found: { event: OwnEvent; forget: () => void }[] = [];
  for (const form of ['report', 'round', 'step'] as const) {
    const draft = keptDraft<StepDraft>(alias, form);
    if (draft === undefined) continue;
    const { case: identity, ...said } = draft;
    if (form === 'step' && !identity) continue;
    const framed = form === 'step' ? { ...frame('case', identity), author: alias } : frame(form);
    const type = form === 'step' ? 'case' : form;
    const event = { type, ...framed, ...said } as unknown as OwnEvent;
    found.push({ event, forget: () => localStorage.removeItem(key(alias, form)) });
  }
  return found;
}
