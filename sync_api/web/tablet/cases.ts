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
  /** The village was asked to take it over. */
  isAsked: boolean;
  /** The village is told of it, and nobody there has said that they saw it. */
  isTold: boolean;
  text: string;
  history: EntryHere[];
}
export interface EntryHere {
  id: string;
  step: CaseStep;
  at: string;
  texts: string[];
  /** The paper that it was issued with. */
  notice: string | undefined;
  /** Written here, and not yet with the gateway. */
  isWaiting: boolean;
}

/** The steps that a village administrator records on the way, and the field that the form asks for; none needs more. */
export const FIELD_OF_STEP: Partial<Record<CaseStep, 'text' | 'done' | undefined>> = {
  seen: undefined,
  taken: undefined,
  progress: 'text',
  submitted: 'done',
  escalated: 'text',
};
export type StepHere = 'seen' | 'taken' | 'progress' | 'submitted' | 'escalated';

/** What may come next; the gateway has the last word. */
export function nextSteps(one: CaseHere, village: string): StepHere[] {
  const { stage, owner, history } = one;
  const isTaken = history.some(({ step }) => step === 'taken');
  const isFresh = owner === village && !isTaken && ['reported', 'warned', 'noticed'].includes(stage);
  const first: StepHere[] = isFresh || one.isAsked ? ['taken'] : one.isTold ? ['seen'] : [];
  // what is the county's already is handed up no further from here
  return [...first, 'progress', 'submitted', ...(one.severity === 'major' ? [] : (['escalated'] as const))];
}

/** Those that want action first come first. Only what the gateway calls open is listed: it has all steps. */
export function casesHere(
  lights: LightsDocument | undefined,
  events: (Report | CaseEvent)[],
  waiting: ReadonlySet<string>,
  here: { village: string; alias: string },
): CaseHere[] {
  const byCase = new Map<string, (Report | CaseEvent)[]>();
  for (const event of events) byCase.set(caseOf(event), [...(byCase.get(caseOf(event)) ?? []), event]);
  return (lights?.cases ?? [])
    .map((one) => {
      const { case: identity, indicator, severity, stage = 'warned', due, owner = '' } = one;
      const of = (byCase.get(identity) ?? []).sort((a, b) => a.saved_at.localeCompare(b.saved_at));
      const said = (step: CaseStep): boolean =>
        of.some((event) => event.type === 'case' && event.step === step && waiting.has(event._id));
      return {
        case: identity,
        indicator,
        severity,
        stage,
        due,
        isOverdue: one.is_overdue ?? false,
        owner,
        isAsked: one.asked === here.village && !said('taken'),
        isTold:
          (one.told ?? []).includes(here.village) && !said('seen') && !of.some((event) => isBy(event, here.alias)),
        text: of.filter((event) => event.type === 'report').at(-1)?.text ?? '',
        history: of.map((event) => entryOf(event, waiting)),
      };
    })
    .sort((a, b) => Number(b.isOverdue) - Number(a.isOverdue) || a.due.localeCompare(b.due));
}

/** Who reported a case, or took a step of it, knows of it. */
function isBy(event: Report | CaseEvent, alias: string): boolean {
  return event.type === 'case' ? event.author === alias : event._id.split(':')[2] === alias;
}

/** The ULID of the case that an event is of. */
export function caseOf(event: Report | CaseEvent): string {
  const [, , owner = '', ulid = ''] = event._id.split(':');
  if (event.type === 'case') return owner;
  return event.amends?.split(':')[3] ?? ulid;
}

function entryOf(event: Report | CaseEvent, waiting: ReadonlySet<string>): EntryHere {
  const step = event.type === 'case' ? event.step : 'opened';
  const said = event.type === 'case' ? [event.text, event.found, event.done] : [event.text];
  const texts = said.filter((text): text is string => Boolean(text));
  const notice = (event.type === 'case' ? event.notice : undefined) ?? undefined;
  return { id: event._id, step, at: event.observed_at, texts, notice, isWaiting: waiting.has(event._id) };
}
