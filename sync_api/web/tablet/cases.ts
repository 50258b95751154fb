/** A village's open cases as this tablet knows them: from the lights document, and from what lies here itself. */
import type { Stage } from '../shared/api';
import type { CaseEvent, CaseStep, LightsDocument, Report, Severity } from '../shared/documents';

export interface CaseHere {
  case: string;
  indicator: string;
  severity: Severity;
  stage: Stage;
  due: string;
  isOverdue: boolean;
  owner: string;
  text: string;
  history: EntryHere[];
}
export interface EntryHere {
  id: string;
  step: CaseStep;
  at: string;
  texts: string[];
  /** Written here, and not yet with the gateway. */
  isWaiting: boolean;
}

/** The steps that a village administrator records on the way, and the field that the form asks for; none needs more. */
export const FIELD_OF_STEP: Partial<Record<CaseStep, 'text' | 'done' | undefined>> = {
  taken: undefined,
  progress: 'text',
  submitted: 'done',
};
export type StepHere = 'taken' | 'progress' | 'submitted';

/** What may come next; the gateway has the last word. */
export function nextSteps({ stage, owner, history }: CaseHere, village: string): StepHere[] {
  const isTaken = history.some(({ step }) => step === 'taken');
  const mayTake = owner === village && !isTaken && ['reported', 'warned', 'noticed'].includes(stage);
  return mayTake ? ['taken', 'progress', 'submitted'] : ['progress', 'submitted'];
}

/** Those that want action first come first. Only what the gateway calls open is listed: it has all steps. */
export function casesHere(
  lights: LightsDocument | undefined,
  events: (Report | CaseEvent)[],
  waiting: ReadonlySet<string>,
): CaseHere[] {
  const byCase = new Map<string, (Report | CaseEvent)[]>();
  for (const event of events) byCase.set(caseOf(event), [...(byCase.get(caseOf(event)) ?? []), event]);
  return (lights?.cases ?? [])
    .map(({ case: identity, indicator, severity, stage = 'warned', due, is_overdue = false, owner = '' }) => {
      const of = (byCase.get(identity) ?? []).sort((a, b) => a.observed_at.localeCompare(b.observed_at));
      const history = of.map((event) => entryOf(event, waiting));
      const text = of.filter((event) => event.type === 'report').at(-1)?.text ?? '';
      return { case: identity, indicator, severity, stage, due, isOverdue: is_overdue, owner, text, history };
    })
    .sort((a, b) => Number(b.isOverdue) - Number(a.isOverdue) || a.due.localeCompare(b.due));
}

function caseOf(event: Report | CaseEvent): string {
  const [, , owner = '', ulid = ''] = event._id.split(':');
  if (event.type === 'case') return owner;
  return event.amends?.split(':')[3] ?? ulid;
}

function entryOf(event: Report | CaseEvent, waiting: ReadonlySet<string>): EntryHere {
  const step = event.type === 'case' ? event.step : 'opened';
  const said = event.type === 'case' ? [event.text, event.found, event.done] : [event.text];
  const texts = said.filter((text): text is string => Boolean(text));
  return { id: event._id, step, at: event.observed_at, texts, isWaiting: waiting.has(event._id) };
}
