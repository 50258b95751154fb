/** How readings and thresholds of an indicator read in words. */
import type { Indicator } from '../shared/api';
import type { ReadingValue } from '../shared/documents';
import { withUnit } from '../shared/names';

type Translate = (key: string, values?: Record<string, unknown>) => string;

export function thresholdWords(indicator: Indicator, t: Translate, locale: string): string[] {
  if (indicator.kind === 'cases') return [t('indicator.cases_only')];
  if (indicator.kind === 'yesno') return indicator.no_light ? [t(`indicator.no_is.${indicator.no_light}`)] : [];
  const beyond = (limit: number): string =>
    t(`indicator.beyond.${indicator.direction ?? 'higher_worse'}`, { value: withUnit(limit, indicator, locale) });
  return (['yellow', 'red'] as const).flatMap((light) => {
    const limit = indicator[light];
    return limit === null ? [] : [t(`indicator.${light}`, { value: beyond(limit) })];
  });
}

export function readingWords(indicator: Indicator, value: ReadingValue, t: Translate, locale: string): string {
  if (value === null) return t('indicator.kinds.not_present');
  if (typeof value === 'boolean') return t(`indicator.kinds.${value ? 'yes' : 'no'}`);
  if (typeof value === 'number') return withUnit(value, indicator, locale);
  return indicator.kind === 'start_date' ? t('indicator.kinds.since', { day: value }) : value;
}
