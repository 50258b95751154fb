/** What one user holds on this tablet: a database of their own, and the outbox of what the server has not receipted. */
import PouchDB from 'pouchdb-browser';
import type { NoticeView } from '../shared/api';
import type {
  Acknowledgement,
  Answer,
  CaseEvent,
  Inspection,
  LightsDocument,
  Omission,
  Receipt,
  Report,
  Round,
  Sanction,
} from '../shared/documents';
import { prefixRange } from '../shared/ids';
import { withLock } from '../shared/session';

export type OwnEvent = Report | Round | CaseEvent | Omission | Acknowledgement;

/** A document as the gateway sends it. */
export interface Held {
  _id: string;
  _rev: string;
  _deleted?: boolean;
}

/** In a `_local` document, which never travels. `waiting`: written here, no receipt yet. */
export interface Outbox {
  waiting: string[];
  refused: Record<string, string>;
}

/** How far this tablet has come: which store it knows, up to where, and the scope that it holds up to there; `told` is
 * the scope that it was told last, of which it may hold a part while it is being read for the first time. */
export interface Progress {
  epoch: string;
  since: string;
  holds: string[];
  told: string[];
}

const OUTBOX = '_local/outbox';
const PROGRESS = '_local/progress';
const PAPERS = '_local/papers';
const EMPTY_OUTBOX: Outbox = { waiting: [], refused: {} };

export class Store {
  readonly db: PouchDB.Database;
  /** Own events that stay, whatever the scope: their photos are still to go. */
  isNeeded: (id: string) => boolean = () => false;
  private left: Promise<string[]> | undefined;

  constructor(
    readonly alias: string,
    database: string,
  ) {
    this.db = new PouchDB(`d110:${alias}:${database}`, { auto_compaction: true });
  }

  /** Keeps an event. It stands in the outbox first: an id too many there does no harm, a lost event would. */
  save(event: OwnEvent): Promise<void> {
    return this.locked(async () => {
      await this.writeOutbox((outbox) => ({ ...outbox, waiting: [...outbox.waiting, event._id] }));
      await this.db.put(event);
    });
  }

  /** Ends it, with all that it holds; not while something lies here that the gateway has not answered for. */
  destroy(): Promise<boolean> {
    return this.locked(async () => {
      if ((await this.unsent()).length) return false;
      await this.db.destroy();
      return true;
    });
  }

  async outbox(): Promise<Outbox> {
    const { waiting, refused } = (await this.local<Outbox>(OUTBOX)) ?? EMPTY_OUTBOX;
    return { waiting, refused };
  }

  changeOutbox(change: (outbox: Outbox) => Outbox): Promise<void> {
    return this.locked(() => this.writeOutbox(change));
  }

  private async writeOutbox(change: (outbox: Outbox) => Outbox): Promise<void> {
    const outbox = (await this.local<Outbox>(OUTBOX)) ?? { _id: OUTBOX, ...EMPTY_OUTBOX };
    const changed = change(outbox);
    if (changed !== outbox) await this.db.put({ ...outbox, ...changed });
  }

  private locked<T>(work: () => Promise<T>): Promise<T> {
    return withLock(`d110.outbox.${this.db.name}`, work);
  }

  /** A refusal is final: the gateway keeps the document for an office. */
  markRefused(id: string, reason: string): Promise<void> {
    return this.changeOutbox(({ waiting, refused }) => ({
      waiting: waiting.filter((one) => one !== id),
      refused: { ...refused, [id]: reason },
    }));
  }

  markSent(ids: ReadonlySet<string>): Promise<void> {
    return this.changeOutbox(({ waiting, refused }) => ({ waiting: waiting.filter((id) => !ids.has(id)), refused }));
  }

  /** An id that was noted for an event that a crash then kept from being saved stands for nothing. */
  async dropOrphans(): Promise<void> {
    await this.locked(async () => {
      const { waiting } = await this.outbox();
      const saved = new Set((await this.unsent()).map(({ _id }) => _id));
      if (saved.size < waiting.length) {
        await this.writeOutbox((outbox) => ({ ...outbox, waiting: outbox.waiting.filter((id) => saved.has(id)) }));
      }
    });
  }

  progress(): Promise<Progress | undefined> {
    return this.local<Progress>(PROGRESS).then(
      (kept) => kept && { epoch: kept.epoch, since: kept.since, holds: kept.holds, told: kept.told ?? kept.holds },
    );
  }

  async keepProgress(progress: Progress): Promise<void> {
    await this.db.put({ ...((await this.local(PROGRESS)) ?? { _id: PROGRESS }), ...progress });
  }

  private async local<T extends object>(id: string) {
    try {
      return await this.db.get<T>(id);
    } catch (error) {
      if ((error as PouchDB.Core.Error).status !== 404) throw error;
      return undefined;
    }
  }

  /** Writes documents from the gateway. Revisions here are this tablet's own affair, since only its events travel: what
   * is held in another revision, or was dropped, is written over. */
  async take(documents: Held[]): Promise<void> {
    const { rows } = await this.db.allDocs({ keys: documents.map(({ _id }) => _id) });
    const fresh: Held[] = [];
    const over: Held[] = [];
    for (const [at, document] of documents.entries()) {
      const held = (rows[at] as { value?: { rev: string; deleted?: boolean } } | undefined)?.value;
      const isThere = held !== undefined && !held.deleted;
      if (isThere ? held.rev === document._rev : document._deleted) continue;
      if (held) over.push({ ...document, _rev: held.rev });
      else fresh.push(document);
    }
    await this.write(fresh, { new_edits: false });
    await this.write(over);
  }

  /** Own events of places that this user has left, as far as they still lie here: the gateway has not answered for
   * them, or refused them, or their photos are to go. */
  async leftElsewhere(village: string): Promise<OwnEvent[]> {
    this.left ??= this.allOwnIds();
    const { waiting, refused } = await this.outbox();
    const own = [...(await this.left), ...waiting, ...Object.keys(refused)];
    const ids = new Set(own.filter((id) => !id.startsWith(`${village}:`)));
    return ids.size ? this.withRevisions([...ids]) : [];
  }

  /** Removes what lies outside a scope, but not what this user wrote and the server has not receipted, or needs for its
   * photos. */
  async dropOutside(scope: string[]): Promise<void> {
    const { waiting, refused } = await this.outbox();
    const kept = new Set([...waiting, ...Object.keys(refused)]);
    await this.drop((id) => !kept.has(id) && !this.isNeeded(id) && !scope.some((prefix) => id.startsWith(prefix)));
  }

  /** Forgets one refused event. */
  async putAway(id: string): Promise<void> {
    await this.changeOutbox(({ refused: { [id]: _, ...refused }, ...outbox }) => ({ ...outbox, refused }));
    await this.drop((held) => held === id);
  }

  /** The server has another store: what this user wrote goes out again, what came from there is dropped. */
  async beginAnew(): Promise<void> {
    const own = await this.allOwnIds();
    await this.changeOutbox((outbox) => ({ ...outbox, waiting: [...new Set([...outbox.waiting, ...own])] }));
    const kept = new Set(own);
    await this.drop((id) => !kept.has(id));
  }

  private async drop(isDropped: (id: string) => boolean): Promise<void> {
    const { rows } = await this.db.allDocs();
    await this.write(
      rows.flatMap(({ id, value }) => (isDropped(id) ? [{ _id: id, _rev: value.rev, _deleted: true }] : [])),
    );
  }

  private async write(documents: Held[], options: PouchDB.Core.BulkDocsOptions = {}): Promise<void> {
    if (!documents.length) return;
    const failed = (await this.db.bulkDocs(documents, options)).find((row) => 'error' in row);
    if (failed) throw failed;
  }

  /** Events written by this user in a village, with the revisions that a push needs. */
  async withRevisions(ids: string[]): Promise<OwnEvent[]> {
    const { results } = await this.db.bulkGet<OwnEvent>({ docs: ids.map((id) => ({ id })), revs: true });
    return results.flatMap(({ docs }) => docs.flatMap((found) => ('ok' in found ? [firstRevision(found.ok)] : [])));
  }

  /** What was written here and the server has not answered for. (The outbox may name events that were never saved.) */
  async unsent(): Promise<OwnEvent[]> {
    const { waiting } = await this.outbox();
    return waiting.length ? this.withRevisions(waiting) : [];
  }

  /** The ids of all events of this user that this tablet holds, in whatever village. */
  async allOwnIds(): Promise<string[]> {
    const { rows } = await this.db.allDocs<Partial<CaseEvent>>({ include_docs: true });
    return rows
      .filter(({ id, doc }) => {
        const [, kind, owner] = id.split(':');
        return kind === 'case' || kind === 'omission'
          ? doc?.author === this.alias
          : /^(?:report|round|acknowledgement)$/.test(kind ?? '') && owner === this.alias;
      })
      .map(({ id }) => id);
  }

  async ownEvents(village: string): Promise<OwnEvent[]> {
    const kinds = await Promise.all(
      ['report', 'round', 'acknowledgement'].map((kind) => this.range<OwnEvent>(`${village}:${kind}:${this.alias}:`)),
    );
    const steps = (await this.caseEvents(village)).filter(({ author }) => author === this.alias);
    const appeals = (await this.omissions(village)).filter(({ author }) => author === this.alias);
    return [...kinds.flat(), ...steps, ...appeals].sort((a, b) => b.saved_at.localeCompare(a.saved_at));
  }

  caseEvents(village: string): Promise<CaseEvent[]> {
    return this.range<CaseEvent>(`${village}:case:`);
  }

  /** Papers, which lie beside the documents: they are the offices', and never change. */
  async papers(): Promise<NoticeView[]> {
    return (await this.local<{ papers: NoticeView[] }>(PAPERS))?.papers ?? [];
  }

  async keepPapers(papers: NoticeView[]): Promise<void> {
    await this.db.put({ ...((await this.local(PAPERS)) ?? { _id: PAPERS }), papers });
  }

  /** Who of the village has acknowledged which paper. */
  acknowledgements(village: string): Promise<Acknowledgement[]> {
    return this.range<Acknowledgement>(`${village}:acknowledgement:`);
  }

  /** What was said of this user's own reporting. */
  omissions(village: string): Promise<Omission[]> {
    return this.range<Omission>(`${village}:omission:${this.alias}:`);
  }

  sanctions(village: string): Promise<Sanction[]> {
    return this.range<Sanction>(`${village}:sanction:${this.alias}:`);
  }

  /** All reports of the village that this user may hold. */
  reports(village: string): Promise<Report[]> {
    return this.range<Report>(`${village}:report:`);
  }

  receipts(village: string): Promise<Receipt[]> {
    return this.range<Receipt>(`${village}:receipt:`);
  }

  answers(village: string): Promise<Answer[]> {
    return this.range<Answer>(`${village}:answer:${this.alias}:`);
  }

  /** Whatever carries readings of the village, as far as this user may hold it. */
  async readings(village: string): Promise<(Round | Inspection)[]> {
    const kinds = await Promise.all(
      ['round', 'inspection'].map((kind) => this.range<Round | Inspection>(`${village}:${kind}:`)),
    );
    return kinds.flat();
  }

  async lights(village: string): Promise<LightsDocument | undefined> {
    const [document] = await this.range<LightsDocument>(`${village}:lights`);
    return document;
  }

  private async range<T extends object>(prefix: string): Promise<T[]> {
    const { rows } = await this.db.allDocs<T>({ ...prefixRange(prefix), include_docs: true });
    return rows.flatMap((row) => (row.doc ? [row.doc as T] : []));
  }
}

/** The databases of users on this tablet, as far as they are wanted: a second opening of one would be closed with the
 * first. A browser that does not list its databases has none to show. */
export async function heldStores(isWanted: (alias: string, database: string) => boolean): Promise<Store[]> {
  const names = (await indexedDB.databases?.()) ?? [];
  return names.flatMap(({ name = '' }) => {
    const [, alias, database] = /^_pouch_d110:([^:]+):([^:]+)$/.exec(name) ?? [];
    const isFound = alias !== undefined && database !== undefined && isWanted(alias, database);
    return isFound ? [new Store(alias, database)] : [];
  });
}

/** An event whose revision is this tablet's own affair, since it was dropped and came again, travels without one. */
function firstRevision(event: OwnEvent): OwnEvent {
  if (event._rev?.startsWith('1-')) return event;
  const { _rev, _revisions, ...content } = event;
  return content;
}

/** Whether saving failed because the tablet's storage is full. */
export function isFull(error: unknown): boolean {
  const { name, status, reason } = error as { name?: string; status?: number; reason?: unknown };
  return name === 'QuotaExceededError' || status === 413 || /quota/i.test(String(reason ?? ''));
}
