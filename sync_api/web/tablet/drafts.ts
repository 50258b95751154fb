/** Drafts lie sealed in the browser: written at every keystroke, there after a crash, a reload or an update. */
import { kept, useKept } from '../shared/drafts';
import type { Keeping } from '../shared/keeping';
import type { OwnEvent } from './store';
import type { Vault } from './vault';

const key = (form: string): string => `draft.${form}`;

/** A reactive draft of one form of one user, kept at every change. `clear` empties and forgets it. */
export function useDraft<T extends object>(vault: Keeping, form: string, empty: () => T) {
  return useKept(vault, key(form), empty);
}

/** What a form of this user has in it that is not saved. */
export function keptDraft<T>(vault: Keeping, form: string): T | undefined {
  return kept<T>(vault, key(form));
}

/** Whether a form of this user has something in it that is not saved. */
export function hasDraft(vault: Keeping): boolean {
  return Object.keys(KIND_OF_FORM).some((form) => keptDraft(vault, form) !== undefined);
}

/** Starts a draft from outside its form, as with a report that was sent back. */
export function putDraft(vault: Keeping, form: string, draft: object): void {
  vault.setItem(key(form), JSON.stringify(draft));
}

/** The forms that keep drafts, and the kind of event that each of them makes. */
const KIND_OF_FORM = { report: 'report', round: 'round', step: 'case', appeal: 'omission' } as const;
export type DraftKind = (typeof KIND_OF_FORM)[keyof typeof KIND_OF_FORM];
/** What names the matter of a step or an appeal; without it a draft is none yet. */
const MATTER_OF_FORM: Record<string, string> = { step: 'case', appeal: 'about' };
const SAVING = 'saving';
interface Saving {
  form: string;
  id: string;
}

/** Notes which event a form's draft is becoming, before it is: a tab may be killed between the two. */
export async function beginSaving(vault: Vault, { _id: id, type }: OwnEvent): Promise<void> {
  const [form] = Object.entries(KIND_OF_FORM).find(([, kind]) => kind === type) ?? [];
  if (form === undefined) return;
  vault.setItem(SAVING, JSON.stringify({ form, id } satisfies Saving));
  await vault.settled();
}

/** It is an event now, and no draft any more: or else it would be saved twice. */
export function endSaving(vault: Vault): void {
  const saving = kept<Saving>(vault, SAVING);
  if (saving) vault.removeItem(key(saving.form));
  vault.removeItem(SAVING);
}

/** After a tab was killed: what had become an event by then is no draft. */
export async function settleSaving(vault: Vault, isThere: (id: string) => Promise<boolean>): Promise<void> {
  const saving = kept<Saving>(vault, SAVING);
  if (!saving) return;
  if (await isThere(saving.id)) endSaving(vault);
  else vault.removeItem(SAVING);
}

/** What this user's forms are about: events, and cases by their ULID. */
export function namedInDrafts(vault: Keeping): Set<string> {
  const { amends } = keptDraft<{ amends?: { first: string } }>(vault, 'report') ?? {};
  const about = Object.entries(MATTER_OF_FORM).map(
    ([form, matter]) => keptDraft<Record<string, string>>(vault, form)?.[matter] ?? '',
  );
  return new Set([...about, ...(amends ? [amends.first, amends.first.slice(-26)] : [])]);
}

type Frame = (kind: DraftKind, owner?: string) => object;

/** What lies in this user's forms, as events of whatever is there: for an office that looks at it, since a tablet that is
 * shut off keeps nothing. */
export function draftEvents(vault: Vault, frame: Frame): { event: OwnEvent; forget: () => void }[] {
  const found: { event: OwnEvent; forget: () => void }[] = [];
  for (const [form, type] of Object.entries(KIND_OF_FORM)) {
    const draft = keptDraft<Record<string, string>>(vault, form);
    const matter = MATTER_OF_FORM[form];
    if (draft === undefined || (matter && !draft[matter])) continue;
    const { case: identity, ...said } = draft;
    const signed = matter ? { author: vault.alias } : {};
    const event = { type, ...frame(type, identity), ...signed, ...said } as unknown as OwnEvent;
    found.push({ event, forget: () => vault.removeItem(key(form)) });
  }
  return found;
}
