/** What the pages of casework share. */
import { type ShallowRef, shallowRef } from 'vue';
import { ask, type CaseFile, type CaseView, type Catalogue } from '../shared/api';
import type { CaseStep } from '../shared/documents';
import { useLanguage } from '../shared/i18n';
import { type CaseLetter, caseLight } from '../shared/lights';
import { shortName } from '../shared/names';
import type { Session } from '../shared/session';

/** The catalogue by which a list was made, read when it is another one than before. */
export function useCatalogue(session: Session): {
  catalogue: ShallowRef<Catalogue | undefined>;
  keepTo: (version: string) => Promise<void>;
  titleOf: (code: string) => string;
} {
  const { name } = useLanguage();
  const catalogue = shallowRef<Catalogue>();
  const keepTo = async (version: string): Promise<void> => {
    if (catalogue.value?.version !== version) catalogue.value = await ask<Catalogue>(session.fetch, '/catalogue');
  };
  const titleOf = (code: string): string => {
    const indicator = catalogue.value?.indicators.find((one) => one.code === code);
    return indicator ? `${code} ${name(indicator)}` : code;
  };
  return { catalogue, keepTo, titleOf };
}

/** What stands beside a case: what it gives while it is open; green when it is cleared. */
export function lightOf(view: CaseView): CaseLetter {
  return view.cleared_on === null ? caseLight(view) : 'g';
}

export function placeOf(view: CaseView): string {
  return view.place.map(shortName).join(' ');
}

export type Field =
  | 'text'
  | 'done'
  | 'found'
  | 'verified_by'
  | 'department'
  | 'office'
  | 'due'
  | 'severity'
  | 'is_better';
/** What the form of a step asks for; the first ones are required, those after `|` are not. */
const ASKED: Record<CaseStep, string> = {
  opened: '',
  seen: 'office',
  noticed: '',
  taken: 'office | text',
  assigned: 'department | text',
  deadline: '',
  team_sent: 'text | department',
  progress: 'text',
  submitted: 'done',
  reviewed: 'is_better text',
  cleared: 'found done verified_by',
  escalated: 'severity text | due',
  reopened: 'severity text',
  recalled: '',
};

export function fieldsOf(step: CaseStep): { field: Field; isRequired: boolean }[] {
  const [required = '', optional = ''] = ASKED[step].split('|');
  const fields = (names: string, isRequired: boolean) =>
    names
      .split(' ')
      .filter(Boolean)
      .map((field) => ({ field: field as Field, isRequired }));
  return [...fields(required, true), ...fields(optional, false)];
}

/** The steps that may come next, as far as the page can tell; the gateway has the last word. */
export function nextSteps(file: CaseFile): CaseStep[] {
  const { case: view, steps, offices, takes_as: takers } = file;
  if (view.stage === 'cleared') return steps.filter((step) => ['reopened', 'progress'].includes(step));
  const isFresh = ['reported', 'warned', 'noticed'].includes(view.stage);
  return steps.filter((step) => {
    if (step === 'opened' || step === 'reopened') return false;
    if (step === 'seen') return offices.some((office) => view.told.includes(office));
    if (step === 'taken') return takers.some((office) => isFresh || office !== view.owner);
    if (step === 'cleared') return file.verifiers.length > 0;
    return true;
  });
}
