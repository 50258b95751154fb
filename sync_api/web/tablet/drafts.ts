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
export function hasDraft(vault: Vault): boolean {
  return formsHere(vault).some(([form]) => keptDraft(vault, form) !== undefined);
}

/** Whether there is anything in a draft that somebody would have to write again: not only what it is about. */
export function isWritten(draft: object | undefined): boolean {
  const {
    text = '',
    place = '',
    photos = [],
    readings = {},
    skipped = {},
  } = (draft ?? {}) as {
    text?: string;
    place?: string;
    photos?: string[];
    readings?: object;
    skipped?: object;
  };
  const marked = [photos, readings, skipped].flatMap((one) => Object.keys(one));
  return Boolean(text.trim() || place.trim() || marked.length);
}

/** Photos that were ready only after the form of their report had been left; they wait for it. */
export const latePhotos = (vault: Keeping): string[] => kept<string[]>(vault, 'late_photos') ?? [];
export function addLatePhoto(vault: Keeping, hash: string): void {
  vault.setItem('late_photos', JSON.stringify([...latePhotos(vault), hash]));
}
/** They are in the form now. */
export const endLatePhotos = (vault: Keeping): void => vault.removeItem('late_photos');

/** Starts a draft from outside its form, whatever lies there; `discarding.ts` asks first. */
export function putDraft(vault: Keeping, form: string, draft: object): void {
  vault.setItem(key(form), JSON.stringify(draft));
}

/** The forms that keep drafts, and the kind of event that each of them makes. */
const KIND_OF_FORM = {
  report: 'report',
  round: 'round',
  step: 'case',
  appeal: 'omission',
  inspection: 'inspection',
} as const;
export type DraftKind = (typeof KIND_OF_FORM)[keyof typeof KIND_OF_FORM];
/** The forms that something lies in; of the check of a village there may be several, `inspection.{village}.{patrol}`. */
function formsHere(vault: Vault): [form: string, kind: DraftKind][] {
  const kinds: Record<string, DraftKind> = KIND_OF_FORM;
  return vault.names().flatMap((name): [string, DraftKind][] => {
    const [start, form = ''] = name.split('.');
    const kind = start === 'draft' ? kinds[form] : undefined;
    return kind ? [[name.slice(key('').length), kind]] : [];
  });
}
/** What names the matter of a step or an appeal; without it a draft is none yet. */
const MATTER_OF_FORM: Record<string, string> = { step: 'case', appeal: 'about' };
const SAVING = 'saving';
interface Saving {
  form: string;
  id: string;
}

/** The form of the check of a village, on a patrol or by itself. */
export const checkForm = (village: string, patrol: string | null): string =>
  `inspection.${village}.${patrol?.slice(-26) ?? ''}`;

/** The form that an event was written in. */
function formOf(event: OwnEvent): string | undefined {
  if (event.type === 'inspection') return checkForm(event._id.slice(0, event._id.indexOf(':')), event.patrol ?? null);
  return Object.entries(KIND_OF_FORM).find(([, kind]) => kind === event.type)?.[0];
}

/** Notes which event a form's draft is becoming, before it is: a tab may be killed between the two. */
export async function beginSaving(vault: Vault, event: OwnEvent): Promise<void> {
  const [form, id] = [formOf(event), event._id];
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

/** Whether a tab was killed while it saved. */
export const isSaving = (vault: Vault): boolean => kept<Saving>(vault, SAVING) !== undefined;

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

type Frame = (kind: DraftKind, owner?: string, village?: string) => object;

/** What lies in this user's forms, as events of whatever is there: for an office that looks at it, since a tablet that is
 * shut off keeps nothing. */
export function draftEvents(vault: Vault, frame: Frame): { event: OwnEvent; forget: () => void }[] {
  const found: { event: OwnEvent; forget: () => void }[] = [];
  for (const [form, type] of formsHere(vault)) {
    const draft = keptDraft<Record<string, string>>(vault, form);
    const matter = MATTER_OF_FORM[form];
    if (draft === undefined || (matter && !draft[matter])) continue;
    const { case: identity, village, ...said } = draft;
    const signed = matter ? { author: vault.alias } : {};
    const event = { type, ...frame(type, identity, village), ...signed, ...said } as unknown as OwnEvent;
    found.push({ event, forget: () => vault.removeItem(key(form)) });
  }
  return found;
}
