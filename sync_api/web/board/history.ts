/** What a lamp's history looks like on a page: where a day stands between two others, and how a light is drawn. */
import type { LampHistory, LightSpan, VillageHistory } from '../shared/api';
import type { Letter } from '../shared/lights';

const MS_PER_DAY = 86_400_000;

export function daysBetween(since: string, until: string): number {
  return Math.round((Date.parse(until) - Date.parse(since)) / MS_PER_DAY);
}

/** A day's place from 0 to 1 in a history. */
export function placeOf(day: string, { since, until }: Pick<VillageHistory, 'since' | 'until'>): number {
  return daysBetween(since, day) / (daysBetween(since, until) + 1);
}

export function lengthOf({ since, until }: LightSpan): number {
  return daysBetween(since, until) + 1;
}

/** So high is each light drawn, of ten: what colour tells, height tells too. */
export const HEIGHTS: Record<Letter, number> = { g: 2, s: 4, y: 7, r: 10 };

/** A lamp's history; of one that is not in it, that it was green all the time. */
export function lampIn(history: VillageHistory, indicator: string): LampHistory {
  const { since, until } = history;
  return (
    history.lamps.find((lamp) => lamp.indicator === indicator) ?? {
      indicator,
      spans: [{ light: 'g', since, until }],
      changes: [],
      readings: [],
    }
  );
}
