/** What one user holds on this tablet: a database of their own, and the outbox of what the server has not receipted. */
import PouchDB from 'pouchdb-browser';
import type { Answer, Inspection, LightsDocument, Receipt, Report, Round } from '../shared/documents';
import { prefixRange } from '../shared/ids';
import { withLock } from '../shared/session';

export type OwnEvent = Report | Round;

/** In a `_local` document, which never travels. `waiting`: written here, no receipt yet. */
export interface Outbox {
  waiting: string[];
  refused: Record<string, string>;
  /** The server's `uuid`: another one means that its data was reset, and that everything has to be sent again. */
  epoch?: string;
}

const OUTBOX = '_local/outbox';

export class Store {
  readonly db: PouchDB.Database;

  constructor(
    readonly alias: string,
    database: string,
  ) {
    this.db = new PouchDB(`d110:${alias}:${database}`, { auto_compaction: true });
  }

  /** Keeps an event. It stands in the outbox first: an id too many there does no harm, a lost event would. */
  async save(event: OwnEvent): Promise<void> {
    await this.changeOutbox((outbox) => ({ ...outbox, waiting: [...outbox.waiting, event._id] }));
    await this.db.put(event);
  }

  async outbox(): Promise<Outbox> {
    const { waiting, refused, epoch } = await this.readOutbox();
    return { waiting, refused, ...(epoch === undefined ? {} : { epoch }) };
  }

  changeOutbox(change: (outbox: Outbox) => Outbox): Promise<void> {
    return withLock(`d110.outbox.${this.db.name}`, async () => {
      const outbox = await this.readOutbox();
      const changed = change(outbox);
      if (changed !== outbox) await this.db.put({ ...outbox, ...changed });
    });
  }

  private async readOutbox(): Promise<Outbox & { _id: string }> {
    try {
      return await this.db.get<Outbox>(OUTBOX);
    } catch (error) {
      if ((error as PouchDB.Core.Error).status !== 404) throw error;
      return { _id: OUTBOX, waiting: [], refused: {} };
    }
  }

  /** Events written by this user in a village, with the revisions that a push needs. */
  async withRevisions(ids: string[]): Promise<OwnEvent[]> {
    const { results } = await this.db.bulkGet<OwnEvent>({ docs: ids.map((id) => ({ id })), revs: true });
    return results.flatMap(({ docs }) => docs.flatMap((found) => ('ok' in found ? [found.ok] : [])));
  }

  /** The ids of all events of this user that this tablet holds, in whatever village. */
  async allOwnIds(): Promise<string[]> {
    const { rows } = await this.db.allDocs();
    return rows
      .map(({ id }) => id)
      .filter((id) => /^\d+:(?:report|round):/.test(id) && id.split(':')[2] === this.alias);
  }

  async ownEvents(village: string): Promise<OwnEvent[]> {
    const kinds = await Promise.all(
      ['report', 'round'].map((kind) => this.range<OwnEvent>(`${village}:${kind}:${this.alias}:`)),
    );
    return kinds.flat().sort((a, b) => b.saved_at.localeCompare(a.saved_at));
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

/** Whether saving failed because the tablet's storage is full. */
export function isFull(error: unknown): boolean {
  const { name, status, reason } = error as { name?: string; status?: number; reason?: unknown };
  return name === 'QuotaExceededError' || status === 413 || /quota/i.test(String(reason ?? ''));
}
