/** What one user holds on this tablet: a database of their own, sealed under their key, and the outbox of what the server
 * has not receipted. Ids and revisions lie open: they say no more than the gateway's own answers do. */
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
import { Damaged, type Vault } from './vault';

export type OwnEvent = Report | Round | CaseEvent | Omission | Acknowledgement | Inspection;

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

/** A document as it lies here: what it says is sealed. */
type Lying = Held & { sealed?: string; _revisions?: unknown };
/** How documents lie here. 1: as they are; 2: sealed. */
const FORM = 2;
const FORM_OF_STORE = '_local/form';
/** So many documents are sealed at a time when they lie here as they are. */
const SEALED_AT_ONCE = 250;

/** What takes longer over a connection that was opened again is answered no more. */
const REOPENING_MS_MAX = 30_000;

/** Kinds whose ids name their author, and kinds that say it within. */
const OWNED = ['report', 'round', 'acknowledgement', 'inspection'];
const SIGNED = ['case', 'omission'];

const OUTBOX = '_local/outbox';
const PROGRESS = '_local/progress';
const PAPERS = '_local/papers';
const EMPTY_OUTBOX: Outbox = { waiting: [], refused: {} };

/** It was written by a later version of the page than this one. */
export class NewerForm extends Error {}

export class Store {
  db: PouchDB.Database;
  /** Called when `db` is another one than before. */
  reopened: () => void = () => {};
  /** Own events that stay, whatever the scope: their photos are still to go. */
  isNeeded: (id: string) => boolean = () => false;
  /** Ids of what lies here damaged, as far as it was read. */
  readonly damaged = new Set<string>();
  /** Those of them that the gateway was asked for once more. */
  private readonly askedAgain = new Set<string>();
  private isShut = false;
  private left: Promise<string[]> | undefined;
  /** What documents say that were opened already, in the revision in which they were. */
  private readonly opened = new Map<string, { rev: string; said: object }>();

  constructor(
    private readonly vault: Vault,
    readonly database: string,
  ) {
    this.db = databaseHere(vault.alias, database);
  }

  /** Over another connection, where the browser refused to write, or closed it (`reopening`). */
  reopen(): void {
    this.db.close().catch(() => {}); // or PouchDB would give the same one; one that never opened does not close
    this.db = databaseHere(this.vault.alias, this.database);
    this.reopened();
  }

  /** For good: another tab takes the database away. */
  close(): Promise<void> {
    this.isShut = true;
    return this.db.close();
  }

  private anew<T>(work: () => Promise<T>): Promise<T> {
    return this.isShut ? work() : reopening(this, work);
  }

  get alias(): string {
    return this.vault.alias;
  }

  /** Seals what a former version of the page left here as it is. Throws `NewerForm`. */
  async prepare(): Promise<void> {
    const { form = 1 } = (await this.local<{ form?: number }>(FORM_OF_STORE)) ?? {};
    if (form > FORM) throw new NewerForm();
    if (form === FORM) return;
    await this.locked(async () => {
      const { rows } = await this.db.allDocs<Lying>({ include_docs: true });
      const open = rows.flatMap(({ doc }) => (doc && doc.sealed === undefined ? [doc] : []));
      for (let at = 0; at < open.length; at += SEALED_AT_ONCE) await this.write(open.slice(at, at + SEALED_AT_ONCE));
      const papers = await this.local<{ papers?: NoticeView[] }>(PAPERS);
      if (papers?.papers) await this.keepPapers(papers.papers);
      await this.writeLocal({ ...((await this.local(FORM_OF_STORE)) ?? { _id: FORM_OF_STORE }), form: FORM });
      await this.db.compact();
    });
  }

  private async sealed(document: object): Promise<Lying> {
    const { _id, _rev, _deleted, _revisions, ...said } = document as Lying;
    const body = _deleted ? {} : { sealed: await this.vault.sealJson(_id, said) };
    return {
      _id,
      ...(_rev === undefined ? {} : { _rev }),
      ...(_deleted ? { _deleted } : {}),
      ...(_revisions === undefined ? {} : { _revisions }),
      ...body,
    } as Lying;
  }

  private async open<T extends object>(lying: object): Promise<T> {
    const { sealed, ...frame } = lying as Lying;
    if (sealed === undefined) return lying as T;
    const known = this.opened.get(frame._id);
    const isKnown = known?.rev === frame._rev;
    const said = isKnown ? known.said : await this.vault.unsealJson<object>(frame._id, sealed);
    if (!isKnown) this.opened.set(frame._id, { rev: frame._rev, said });
    this.damaged.delete(frame._id);
    return { ...said, ...frame } as T;
  }

  /** What can be opened of it. What is damaged is noted, stays where it is, and keeps nothing else back. */
  private async openAll<T extends object>(lying: object[]): Promise<T[]> {
    const opening = lying.map(async (one) => {
      try {
        return [await this.open<T>(one)];
      } catch (error) {
        if (!(error instanceof Damaged)) throw error;
        const { _id } = one as Lying;
        if (!this.damaged.has(_id)) console.warn('damaged', _id);
        this.damaged.add(_id);
        return [];
      }
    });
    return (await Promise.all(opening)).flat();
  }

  /** Whether something damaged lies here that the gateway was not asked for again; it may have it. */
  get isToAskAgain(): boolean {
    return [...this.damaged].some((id) => !this.askedAgain.has(id));
  }

  /** It was: what the gateway does not have is not asked for at each sync. */
  noteAskedAgain(): void {
    for (const id of this.damaged) this.askedAgain.add(id);
  }

  /** Keeps an event. It stands in the outbox first: an id too many there does no harm, a lost event would. */
  save(event: OwnEvent): Promise<void> {
    return this.locked(async () => {
      await this.writeOutbox((outbox) => ({ ...outbox, waiting: [...new Set([...outbox.waiting, event._id])] }));
      await this.db.put(await this.sealed(event));
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
    if (changed !== outbox) await this.writeLocal({ ...outbox, ...changed });
  }

  private locked<T>(work: () => Promise<T>): Promise<T> {
    return withLock(`d110.outbox.${this.db.name}`, () => this.anew(work));
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
      const { rows } = await this.db.allDocs({ keys: waiting });
      const saved = new Set(rows.flatMap((row) => ('id' in row && !row.value?.deleted ? [row.id] : [])));
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
    await this.writeLocal({ ...((await this.local(PROGRESS)) ?? { _id: PROGRESS }), ...progress });
  }

  /** Writes a `_local` document. PouchDB's `put` of one is never answered where the browser refuses it for want of room. */
  private writeLocal<T extends { _id: string }>(document: T): Promise<void> {
    return this.anew(async () => {
      const [row] = await this.db.bulkDocs([document]);
      if (row && 'error' in row) throw row;
    });
  }

  private async local<T extends object>(id: string) {
    try {
      return await this.anew(() => this.db.get<T>(id));
    } catch (error) {
      if ((error as PouchDB.Core.Error).status !== 404) throw error;
      return undefined;
    }
  }

  /** Writes documents from the gateway. Revisions here are this tablet's own affair, since only its events travel: what
   * is held in another revision, was dropped or is damaged, is written over. */
  async take(documents: Held[]): Promise<void> {
    const { rows } = await this.anew(() => this.db.allDocs({ keys: documents.map(({ _id }) => _id) }));
    const fresh: Held[] = [];
    const over: Held[] = [];
    for (const [at, document] of documents.entries()) {
      const held = (rows[at] as { value?: { rev: string; deleted?: boolean } } | undefined)?.value;
      const isThere = held !== undefined && !held.deleted;
      const isSame = held?.rev === document._rev && !this.damaged.has(document._id);
      if (isThere ? isSame : document._deleted) continue;
      if (held) over.push({ ...document, _rev: held.rev });
      else fresh.push(document);
    }
    await this.write(fresh, { new_edits: false });
    await this.write(over);
    for (const { _id } of over) this.damaged.delete(_id);
  }

  /** Own events of places that this user has left, as far as they still lie here: the gateway has not answered for
   * them, or refused them, or their photos are to go. */
  async leftElsewhere(village: string): Promise<OwnEvent[]> {
    this.left ??= this.allOwnIds();
    const { waiting, refused } = await this.outbox();
    const own = [...(await this.left), ...waiting, ...Object.keys(refused)];
    const ids = new Set(own.filter((id) => !id.startsWith(`${village}:`)));
    return this.withRevisions([...ids]);
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
    // whose a damaged one is, nobody can say
    const kept = new Set([...own, ...(await this.outbox()).waiting, ...this.damaged]);
    await this.drop((id) => !kept.has(id));
  }

  /** All that lies here; for this village and others. */
  documents(): Promise<Held[]> {
    return this.read<Held>({ startkey: '', endkey: '\uffff' });
  }

  /** Takes off what the gateway holds, but nothing that it has not answered for. */
  takeOff(ids: string[]): Promise<void> {
    return this.locked(async () => {
      const { waiting, refused } = await this.outbox();
      const gone = new Set(ids.filter((id) => !waiting.includes(id) && !(id in refused) && !this.isNeeded(id)));
      await this.drop((id) => gone.has(id));
    });
  }

  private async drop(isDropped: (id: string) => boolean): Promise<void> {
    const { rows } = await this.anew(() => this.db.allDocs());
    await this.write(
      rows.flatMap(({ id, value }) => (isDropped(id) ? [{ _id: id, _rev: value.rev, _deleted: true }] : [])),
    );
  }

  private async write(documents: Held[], options: PouchDB.Core.BulkDocsOptions = {}): Promise<void> {
    if (!documents.length) return;
    const lying = await Promise.all(documents.map((document) => this.sealed(document)));
    const failed = (await this.anew(() => this.db.bulkDocs(lying, options))).find((row) => 'error' in row);
    if (failed) throw failed;
  }

  /** Events written by this user in a village, with the revisions that a push needs. */
  async withRevisions(ids: string[]): Promise<OwnEvent[]> {
    if (!ids.length) return []; // of none it would never answer
    const docs = ids.map((id) => ({ id }));
    const { results } = await this.anew(() => this.db.bulkGet<object>({ docs, revs: true }));
    const lying = results.flatMap(({ docs }) => docs.flatMap((found) => ('ok' in found ? [found.ok] : [])));
    return (await this.openAll<OwnEvent>(lying)).map(firstRevision);
  }

  /** What was written here and the server has not answered for. (The outbox may name events that were never saved.) */
  async unsent(): Promise<OwnEvent[]> {
    const { waiting } = await this.outbox();
    return this.withRevisions(waiting);
  }

  /** The ids of all events of this user that this tablet holds, in whatever village. */
  async allOwnIds(): Promise<string[]> {
    const { rows } = await this.anew(() => this.db.allDocs());
    const ids = rows.map(({ id }) => id);
    const own = ids.filter((id) => OWNED.includes(kindOf(id)) && id.split(':')[2] === this.alias);
    // who signed one of these stands within
    const signed = ids.filter((id) => SIGNED.includes(kindOf(id)));
    const opened = await this.read<Partial<CaseEvent>>({ keys: signed });
    return [...own, ...opened.flatMap(({ _id, author }) => (_id && author === this.alias ? [_id] : []))];
  }

  async ownEvents(village: string): Promise<OwnEvent[]> {
    const kinds = await Promise.all(
      ['report', 'round', 'acknowledgement'].map((kind) => this.range<OwnEvent>(`${village}:${kind}:${this.alias}:`)),
    );
    const steps = (await this.caseEvents(village)).filter(({ author }) => author === this.alias);
    const appeals = (await this.omissions(village)).filter(({ author }) => author === this.alias);
    return [...kinds.flat(), ...steps, ...appeals].sort((a, b) => b.saved_at.localeCompare(a.saved_at));
  }

  /** What lies here of a kind, of whatever village. */
  async ofKind<T extends object>(kind: string): Promise<T[]> {
    const { rows } = await this.anew(() => this.db.allDocs());
    return this.read<T>({ keys: rows.map(({ id }) => id).filter((id) => kindOf(id) === kind) });
  }

  caseEvents(village: string): Promise<CaseEvent[]> {
    return this.range<CaseEvent>(`${village}:case:`);
  }

  /** Papers, which lie beside the documents: they are the offices', and never change. Damaged ones are fetched again. */
  async papers(): Promise<NoticeView[]> {
    const kept = await this.local<{ sealed: string }>(PAPERS);
    if (!kept) return [];
    try {
      return await this.vault.unsealJson<NoticeView[]>(PAPERS, kept.sealed);
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      return [];
    }
  }

  async keepPapers(papers: NoticeView[]): Promise<void> {
    const { _rev } = (await this.local<{ _rev: string }>(PAPERS)) ?? {};
    const sealed = await this.vault.sealJson(PAPERS, papers);
    await this.writeLocal({ _id: PAPERS, ...(_rev ? { _rev } : {}), sealed });
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

  private range<T extends object>(prefix: string): Promise<T[]> {
    return this.read<T>(prefixRange(prefix));
  }

  private async read<T extends object>(
    wanted: { startkey: string; endkey: string } | { keys: string[] },
  ): Promise<T[]> {
    const { rows } = await this.anew(() => this.db.allDocs<object>({ ...wanted, include_docs: true }));
    return this.openAll<T>(rows.flatMap((row) => ('doc' in row && row.doc ? [row.doc] : [])));
  }
}

/** The databases of users on this tablet, as far as they are wanted. A browser that does not list its databases has none
 * to show. */
export async function storesHere(
  isWanted: (alias: string, database: string) => boolean,
): Promise<{ alias: string; database: string }[]> {
  const names = (await indexedDB.databases?.()) ?? [];
  return names.flatMap(({ name = '' }) => {
    const [, alias, database] = /^_pouch_d110:([^:]+):([^:]+)$/.exec(name) ?? [];
    const isFound = alias !== undefined && database !== undefined && isWanted(alias, database);
    return isFound ? [{ alias, database }] : [];
  });
}

/** How many events somebody wrote here that the gateway has not answered for, whether or not their vault is open. The
 * connection is left as it is, for it is shared with a page that may still read. */
export async function unsentOf(alias: string): Promise<number> {
  let count = 0;
  for (const held of await storesHere((one) => one === alias)) {
    const db = databaseHere(alias, held.database);
    const { waiting = [] } = await db.get<Partial<Outbox>>(OUTBOX).catch(noneThere);
    const { rows } = await db.allDocs({ keys: waiting });
    count += rows.filter((row) => 'id' in row && !row.value?.deleted).length;
  }
  return count;
}

function noneThere(error: PouchDB.Core.Error): Partial<Outbox> {
  if (error.status !== 404) throw error;
  return {};
}

/** Takes all that somebody holds here off the tablet, sent or not. */
export async function forgetStores(alias: string): Promise<void> {
  for (const { database } of await storesHere((one) => one === alias)) await databaseHere(alias, database).destroy();
}

const kindOf = (id: string): string => id.split(':')[1] ?? '';

const databaseHere = (alias: string, database: string): PouchDB.Database =>
  new PouchDB(`d110:${alias}:${database}`, { auto_compaction: true });

/** An event whose revision is this tablet's own affair, since it was dropped and came again, travels without one. */
function firstRevision(event: OwnEvent): OwnEvent {
  if (event._rev?.startsWith('1-')) return event;
  const { _rev, _revisions, ...content } = event;
  return content;
}

/** Works, and once more over another connection where there was no room, or the browser closed it: PouchDB gives up one
 * over which the browser refused to write, and says of whatever is asked of it later that there is no room, when there is
 * again. Where the other one serves no more than the first, only a page that is loaded anew gets at the database. */
export async function reopening<T>(held: { db: object; reopen: () => void }, work: () => Promise<T>): Promise<T> {
  const { db } = held;
  try {
    return await work();
  } catch (error) {
    if (!isFull(error) && !isClosed(error)) throw error;
    await new Promise((resolve) => setTimeout(resolve)); // it is given up right after this was thrown
    if (held.db === db) held.reopen(); // whatever else was going on may have done so
  }
  const late = setTimeout(() => location.reload(), REOPENING_MS_MAX); // one that opens and does not serve may not answer
  try {
    return await work();
  } catch (error) {
    if (!isClosed(error)) throw error;
    location.reload();
    return new Promise(() => {}); // nobody goes on with what did not happen
  } finally {
    clearTimeout(late);
  }
}

/** Whether the browser closed the connection, as it does where its own files fail or were cleared. */
function isClosed(error: unknown): boolean {
  const { name, message = '' } = error as { name?: string; message?: string };
  const isGone = name === 'InvalidStateError' || name === 'indexed_db_went_bad';
  return (isGone && !isFull(error)) || message === 'database is closed';
}

/** Whether saving failed because the tablet's storage is full. */
export function isFull(error: unknown): boolean {
  const { name, status, reason } = error as { name?: string; status?: number; reason?: unknown };
  return name === 'QuotaExceededError' || status === 413 || /quota/i.test(String(reason ?? ''));
}
