/**
 * What may leave a tablet whose storage runs short: a month at a time, the oldest first, and only what is safely with the
 * gateway and that nothing here still needs. The pull, which asks for what changed since, does not bring it back; a tablet
 * that reads its scope anew does, and lets go of it again.
 */
import type { LightsDocument } from '../shared/documents';
import { timeOf } from '../shared/ids';

/** What is younger stays, however short the storage. */
const MONTHS_KEPT = 3;
const ULID_SIGNS = 26;
const KINDS = ['report', 'case', 'round', 'inspection', 'acknowledgement', 'answer'];

/** Any document here, as far as it matters. */
export interface Document {
  _id: string;
  amends?: string | null;
  about?: string;
  ids?: string[];
  readings?: Record<string, unknown>;
  observed_at?: string;
  cases?: LightsDocument['cases'];
}

/** `month`: the last that was taken off, as 2026-05. */
export interface Clearing {
  month: string;
  ids: string[];
}

/** The oldest month that may go; undefined where there is none. `isKept`: ids that stay, as what was not sent; `named`:
 * ids, or ULIDs of cases, that drafts are about. */
export function oldestMonth(
  documents: Document[],
  now: Date,
  isKept: (id: string) => boolean,
  named: ReadonlySet<string>,
): Clearing | undefined {
  const limit = new Date(now);
  limit.setUTCMonth(limit.getUTCMonth() - MONTHS_KEPT);
  const needed = new Set([...named, ...openCases(documents), ...latestCarriers(documents)]);
  for (const { _id, about } of documents) if (kindOf(_id) === 'omission' && about) needed.add(about);
  const byId = new Map(documents.map((document) => [document._id, document]));
  const groups = new Map<string, string[]>();
  for (const document of documents) {
    if (!KINDS.includes(kindOf(document._id))) continue;
    const matter = matterOf(document, byId);
    groups.set(matter, [...(groups.get(matter) ?? []), document._id]);
  }
  const months = new Map<string, string[]>();
  for (const [matter, ids] of groups) {
    const last = Math.max(...ids.map(timeOf));
    if (last >= limit.getTime() || needed.has(matter) || ids.some((id) => isKept(id) || needed.has(id))) continue;
    const month = monthOf(last);
    months.set(month, [...(months.get(month) ?? []), ...ids]);
  }
  const month = [...months.keys()].sort()[0];
  if (month === undefined) return undefined;
  const gone = new Set(months.get(month));
  return { month, ids: [...gone, ...idleReceipts(documents, gone, month)] };
}

/** What belongs together, and goes together: a case by its ULID, or an event with its corrections; an answer goes with what
 * it is about. */
function matterOf({ _id, amends, about }: Document, byId: ReadonlyMap<string, Document>): string {
  const kind = kindOf(_id);
  const of = kind === 'answer' ? byId.get(about ?? '') : undefined;
  if (of) return matterOf(of, byId);
  if (kind === 'case') return _id.split(':')[2] ?? '';
  return kind === 'report' ? (amends ?? _id).slice(-ULID_SIGNS) : (amends ?? _id);
}

const openCases = (documents: Document[]): string[] =>
  documents.flatMap(({ _id, cases }) => (kindOf(_id) === 'lights' ? (cases ?? []).map((one) => one.case) : []));

/** The last value of each indicator stands beside its field in a round. */
function latestCarriers(documents: Document[]): string[] {
  const latest = new Map<string, Document>();
  for (const document of documents) {
    for (const code of Object.keys(document.readings ?? {})) {
      const key = `${villageOf(document._id)} ${code}`;
      const known = latest.get(key);
      if (!known || Date.parse(known.observed_at ?? '') <= Date.parse(document.observed_at ?? ''))
        latest.set(key, document);
    }
  }
  return [...latest.values()].map((document) => document.amends ?? document._id);
}

/** Receipts up to the month that name nothing that is still here. */
function idleReceipts(documents: Document[], gone: ReadonlySet<string>, month: string): string[] {
  const held = new Set(documents.map(({ _id }) => _id).filter((id) => !gone.has(id)));
  return documents.flatMap(({ _id, ids }) =>
    kindOf(_id) === 'receipt' && monthOf(timeOf(_id)) <= month && !ids?.some((id) => held.has(id)) ? [_id] : [],
  );
}

const kindOf = (id: string): string => id.split(':')[1] ?? '';
const villageOf = (id: string): string => id.slice(0, id.indexOf(':'));
const monthOf = (at: number): string => new Date(at).toISOString().slice(0, 7);
