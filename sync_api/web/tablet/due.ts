/** Which indicators a visit should read: never read, or read an interval ago or longer. */
import type { Indicator } from '../shared/api';
import type { Reading } from './desk';

const MS_PER_DAY = 86_400_000;

/** The local date as `YYYY-MM-DD`. */
export function isoDay(instant: Date): string {
  return new Date(instant.getTime() - instant.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

export function isDue(indicator: Indicator, reading: Reading | undefined, now: Date): boolean {
  if (indicator.interval_days === null) return false;
  if (!reading) return true;
  const days = (Date.parse(isoDay(now)) - Date.parse(isoDay(new Date(reading.observedAt)))) / MS_PER_DAY;
  return days >= indicator.interval_days;
}
