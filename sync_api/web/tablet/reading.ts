/** A reading while it is being written, and as the document holds it. */
import type { Indicator } from '../shared/api';
import { EARLIEST_DAY, type ReadingValue, type Round } from '../shared/documents';
import { isoDay } from './due';

/** As the fields give it: digits or a date as text, yes/no, null for "not present"; undefined: skipped. */
export type Written = string | boolean | null | undefined;
/** A round while it is being written. */
export interface RoundDraft {
  readings: Record<string, Written>;
  text: string;
  /** Why indicators that were due are left out, by code. */
  skipped: Record<string, SkipReason>;
}
/** Why something that is due is not read this time. */
export const SKIP_REASONS = ['nobody_there', 'no_papers', 'not_passable', 'other'] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];
type Translate = (key: string, values?: Record<string, unknown>) => string;

/** Why a written reading cannot be taken, in words; undefined if it can. `now`: as the gateway has it. */
export function readingFault(indicator: Indicator, written: Written, now: Date, t: Translate): string | undefined {
  if (typeof written !== 'string') return undefined;
  if (indicator.kind !== 'number') {
    if (written < EARLIEST_DAY) return t('round.too_early', { day: EARLIEST_DAY });
    return written > isoDay(now) ? t('report.future') : undefined;
  }
  const value = numberOf(written);
  if (value === undefined) return t('round.not_a_number');
  if (indicator.is_count && !Number.isInteger(value)) return t('round.not_whole');
  const { minimum, maximum } = indicator;
  const isOutside = (minimum !== null && value < minimum) || (maximum !== null && value > maximum);
  return isOutside ? t('round.out_of_range', { minimum, maximum }) : undefined;
}

/** Plain decimals only, full-width ones too, as Chinese keyboards write them; undefined for anything else. */
function numberOf(written: string): number | undefined {
  const plain = written.normalize('NFKC').trim();
  return /^-?\d+(?:\.\d+)?$/.test(plain) ? Number(plain) : undefined;
}

/** A draft that says what a round said, to correct one that was sent back. */
export function draftOfRound({ readings, text = '' }: Round): RoundDraft {
  return { readings: writtenOf(readings), text, skipped: {} };
}
export function writtenOf(readings: Record<string, ReadingValue>): Record<string, Written> {
  return Object.fromEntries(Object.entries(readings).map(([code, value]) => [code, asWritten(value)]));
}
const asWritten = (value: ReadingValue): Written => (typeof value === 'number' ? String(value) : value);

export function readingValue(indicator: Indicator, written: Written): ReadingValue {
  if (written === undefined) throw new Error(`${indicator.code} was skipped`);
  if (indicator.kind !== 'number' || typeof written !== 'string') return written;
  const value = numberOf(written);
  if (value === undefined) throw new Error(`${indicator.code}: ${written} is no number`);
  return value;
}
