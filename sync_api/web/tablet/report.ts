/** A report while it is being written. */
import type { Report, Severity } from '../shared/documents';

export interface ReportDraft {
  indicator: string;
  severity: Severity | '';
  text: string;
  place: string;
  isEarlier: boolean;
  /** As the browser's date and time field gives it, in local time. */
  observed: string;
  /** Their hashes; the photos themselves lie in `photos.ts`. */
  photos: string[];
  /** The first report, which this one corrects, and its instant. */
  amends: { first: string; observed_at: string } | undefined;
}

export const emptyReport = (): ReportDraft => ({
  indicator: '',
  severity: '',
  text: '',
  place: '',
  isEarlier: false,
  observed: '',
  photos: [],
  amends: undefined,
});

/** A draft that corrects a report that was taken. Its photos stay with it. */
export function correctionOf(report: Report): ReportDraft {
  const { _id, amends, observed_at } = report;
  return {
    ...draftOf(report),
    isEarlier: false,
    observed: '',
    photos: [],
    amends: { first: amends ?? _id, observed_at },
  };
}

/** A draft that says what a report said, to correct one that was sent back. */
export function draftOf(report: Report): ReportDraft {
  const { indicator, severity, text, place = '', observed_at, photos = [] } = report;
  const seen = new Date(observed_at);
  const local = new Date(seen.getTime() - seen.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  return { indicator, severity, text, place, isEarlier: true, observed: local, photos, amends: undefined };
}
