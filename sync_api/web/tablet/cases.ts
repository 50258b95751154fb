/** A village's cases, open or cleared lately, as this tablet knows them: from the lights document, and from what lies here
 * itself. */
import type { Stage } from '../shared/api';
import type { CaseEvent, CaseStep, ClearedCase, LightsDocument, OpenCase, Report, Severity } from '../shared/documents';
import { levelOf } from '../shared/ids';

export interface CaseHere {
  case: string;
  indicator: string;
  severity: Severity;
  stage: Stage;
  /** Empty once it is cleared. */
  due: string;
  isOverdue: boolean;
  clearedOn: string | undefined;
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
  if (stage === 'cleared') return [];
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
  const eventsOf = byCase(events);
  return (lights?.cases ?? [])
    .map((one) => {
      const { case: identity, indicator, severity, stage = 'warned', due, owner = '' } = one;
      const of = eventsOf(identity);
      const said = (step: CaseStep): boolean =>
        of.some((event) => event.type === 'case' && event.step === step && waiting.has(event._id));
      return {
        case: identity,
        indicator,
        severity,
        stage,
        due,
        isOverdue: one.is_overdue ?? false,
        clearedOn: undefined,
        owner,
        isAsked: one.asked === here.village && !said('taken'),
        isTold:
          (one.told ?? []).includes(here.village) && !said('seen') && !of.some((event) => isBy(event, here.alias)),
        text: textOf(of),
        history: of.map((event) => entryOf(event, waiting)),
      };
    })
    .sort((a, b) => Number(b.isOverdue) - Number(a.isOverdue) || a.due.localeCompare(b.due));
}

/** Those that were cleared within half a year, the last first, with what lies here of them. */
export function clearedHere(
  lights: LightsDocument | undefined,
  events: (Report | CaseEvent)[],
  waiting: ReadonlySet<string>,
): CaseHere[] {
  const eventsOf = byCase(events);
  return (lights?.cleared ?? [])
    .map(({ case: identity, indicator, severity, cleared_on: clearedOn }) => {
      const of = eventsOf(identity);
      const closed = { stage: 'cleared', due: '', isOverdue: false, owner: '', isAsked: false, isTold: false } as const;
      const history = of.map((event) => entryOf(event, waiting));
      return { case: identity, indicator, severity, clearedOn, ...closed, text: textOf(of), history };
    })
    .sort((a, b) => b.clearedOn.localeCompare(a.clearedOn));
}

/** What became of a report, as far as the lights document tells: its case, while it is open or was cleared lately. */
export function outcomeOf(report: Report, lights: LightsDocument | undefined): OpenCase | ClearedCase | undefined {
  const identity = caseOf(report);
  const isIt = (one: { case: string }): boolean => one.case === identity;
  return lights?.cases?.find(isIt) ?? lights?.cleared?.find(isIt);
}

/** An office in words: its level, or a department's name; of whom it consists is not said. */
export function officeWords(office: string, t: (key: string, values?: Record<string, unknown>) => string): string {
  const level = levelOf(office);
  return /^\d+$/.test(office) && level ? t(`office.${level}`) : office;
}

/** Where an open case stands, in words: its stage, the office that has it, the one that was asked, its deadline. */
export function standing(one: OpenCase, t: (key: string, values?: Record<string, unknown>) => string): string {
  return [
    t(`stage.${one.stage ?? 'warned'}`),
    ...(one.owner ? [t('outcome.with', { office: officeWords(one.owner, t) })] : []),
    ...(one.asked ? [t('outcome.asked', { office: officeWords(one.asked, t) })] : []),
    t('case.due', { day: one.due }),
  ].join(' · ');
}

/** The events of each case, the oldest first. */
function byCase(events: (Report | CaseEvent)[]): (identity: string) => (Report | CaseEvent)[] {
  const found = new Map<string, (Report | CaseEvent)[]>();
  for (const event of events) found.set(caseOf(event), [...(found.get(caseOf(event)) ?? []), event]);
  return (identity) => (found.get(identity) ?? []).sort((a, b) => a.saved_at.localeCompare(b.saved_at));
}

const textOf = (events: (Report | CaseEvent)[]): string =>
  events.filter((event) => event.type === 'report').at(-1)?.text ?? '';

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
