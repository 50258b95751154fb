/** Why a lamp has its light, in the words in which the board's history tells it (`sync_api/board/history.py`): by what this
 * tablet holds. An informant's holds no readings: of these it is said that there is one, and on which side of the line. */
import type { Indicator } from '../shared/api';
import type { OpenCase, ReadingValue } from '../shared/documents';
import { caseLight, type Letter } from '../shared/lights';
import { unitName, withUnit } from '../shared/names';
import type { Reading } from './desk';
import { isoDay } from './due';
import { readingWords } from './measure';

type Translate = (key: string, values?: Record<string, unknown>) => string;
const MS_PER_DAY = 86_400_000;
/** A reading is silence when it is overdue by a whole further interval. */
const INTERVALS_ALLOWED = 2;

export function lampReasons(
  indicator: Indicator,
  letter: Letter,
  cases: OpenCase[],
  reading: Reading | undefined,
  today: string,
  t: Translate,
  locale: string,
): string[] {
  if (letter === 'g') return [];
  if (letter === 's') return [silence(indicator, reading, today, t)];
  const ofCases = cases.filter((one) => caseLight(one) === letter).map((one) => ofCase(one, t));
  const isRead = reading && readingLight(indicator, reading.value, today) === letter;
  if (isRead) return [ofReading(indicator, reading, letter, today, t, locale), ...ofCases];
  // what the gateway knows and this tablet does not, or not yet any more
  return ofCases.length ? ofCases : [t('why.known', { line: lineWords(indicator, letter, t, locale) })];
}

/** The light that a reading gives by the thresholds, as `models/lights.py` has it. */
export function readingLight(indicator: Indicator, value: ReadingValue, today: string): Letter {
  if (value === null) return 'g';
  if (typeof value === 'boolean') return value ? 'g' : indicator.no_light === 'red' ? 'r' : 'y';
  const measured = typeof value === 'number' ? value : daysSince(value, today);
  const sign = typeof value === 'number' && indicator.direction === 'lower_worse' ? -1 : 1;
  const isBeyond = (limit: number | null): boolean => limit !== null && measured * sign > limit * sign;
  return isBeyond(indicator.red) ? 'r' : isBeyond(indicator.yellow) ? 'y' : 'g';
}

function ofReading(
  indicator: Indicator,
  { value, observedAt, how }: Reading,
  letter: Letter,
  today: string,
  t: Translate,
  locale: string,
): string {
  const said =
    typeof value === 'string'
      ? t(`why.${indicator.kind === 'start_date' ? 'since' : 'last'}`, {
          day: value,
          days: daysSince(value, today),
          unit: unitName(indicator, locale),
        })
      : readingWords(indicator, value, t, locale);
  const values = { how: t(`why.how.${how}`), day: isoDay(new Date(observedAt)), value: said };
  return t('why.reading', { ...values, line: lineWords(indicator, letter, t, locale) });
}

/** Which line was crossed; a "no" is what it is. */
export function lineWords(indicator: Indicator, letter: Letter, t: Translate, locale: string): string {
  const limit = letter === 'r' ? indicator.red : indicator.yellow;
  if (limit === null) return t(`why.gives.${letter}`);
  return t(`why.beyond.${indicator.direction ?? 'higher_worse'}.${letter}`, {
    limit: withUnit(limit, indicator, locale),
  });
}

function ofCase(one: OpenCase, t: Translate): string {
  const words = [t('why.case', { severity: t(`severity.${one.severity}`) }), t('case.due', { day: one.due })];
  return [...words, ...(one.is_overdue ? [t('case.overdue')] : [])].join(t('sync.outcome.comma'));
}

function silence(indicator: Indicator, reading: Reading | undefined, today: string, t: Translate): string {
  const every = indicator.interval_days ?? 0;
  const since = reading && isoDay(new Date(reading.observedAt));
  const days = since ? daysSince(since, today) : 0;
  const allowed = INTERVALS_ALLOWED * every;
  return days > allowed ? t('why.silent', { every, since, days }) : t('why.unread', { every, days: allowed });
}

export const daysSince = (day: string, today: string): number => (Date.parse(today) - Date.parse(day)) / MS_PER_DAY;
