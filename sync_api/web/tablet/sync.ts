/**
 * Sends what lies in the outbox, fetches what the gateway lets this user see, and waits for more: one loop, one tab.
 * An event counts as sent when its receipt has come, never because a request went well.
 */
import { ref, shallowRef } from 'vue';
import { type Account, ask, packed, Refused, type TabletState } from '../shared/api';
import { type Failure, failureIn, failureOf } from '../shared/failures';
import { LoggedOut, type Session, withLock } from '../shared/session';
import { patiently, pull } from './pull';
import { storage } from './room';
import { isFull, type OwnEvent, type Store } from './store';

export type Phase = 'starting' | 'syncing' | 'idle' | 'network' | 'store_down' | 'lapsed' | 'failing' | 'elsewhere';

/** A batch that a slow line carries in seconds; the gateway takes 1 MB and more. */
const BATCH_BYTES_MAX = 200_000;
const PUSH_MS_MIN = 30_000;
const SLOW_BYTES_A_MS = 1;
const RETRY_MS_MIN = 2_000;
const RETRY_MS_MAX = 300_000;
/** Looks by itself now and then, should a wake-up be lost. */
const CHECK_MS = 60_000;
const HEARTBEAT_MS = 10_000;
/** What the gateway has no room for today is offered again so much later. */
const NO_ROOM_MS = 3_600_000;

/** The gateway says why; a proxy on the way, which may allow less, does not. In the shape of the gateway's reasons. */
const TOO_LARGE = '内容过大，网络不放行，请写短一些。 / Too large for the network: make it shorter.';

/** One row of a `_bulk_docs` answer: one an event, in the order sent. */
interface PushRow {
  error?: string;
  reason?: string;
}

export class Synchroniser {
  readonly phase = ref<Phase>('starting');
  /** Why the phase is `failing`. */
  readonly failure = shallowRef<Failure>('unexplained');
  /** Why the gateway leaves some of what waits where it is, until another day. */
  readonly heldBack = shallowRef<Failure>();
  /** When the gateway is asked again, which asked to wait. */
  readonly restsUntil = shallowRef<Date>();
  private readonly laterFrom = new Map<string, number>();
  private readonly send: typeof fetch;
  private retryMs = RETRY_MS_MIN;
  private retryAfterMs = 0;
  private trouble: 'network' | 'store_down' | undefined;
  private isWoken = false;
  private wakeUp: () => void = () => {};
  private readonly stopped = new AbortController();

  constructor(
    private readonly store: Store,
    private readonly session: Session,
    private readonly account: Account,
    /** What this user wrote on this tablet for other counties: before they moved, or where they work, too. */
    private readonly elsewhere: () => Store[],
    private readonly photosToGo: () => number,
    private readonly pulled: () => Promise<void>,
    private readonly shutOff: () => Promise<boolean>,
    /** What an office's tablet asks for of a store, whose account may see a whole division. */
    private readonly only?: (store: Store) => Promise<string[]>,
  ) {
    this.send = session.fetchOf(store.alias);
  }

  start(): void {
    const { signal } = this.stopped;
    addEventListener('online', () => this.wake(), { signal });
    // hangs up the long poll, which a lost network may leave silent for long, and says so at once
    addEventListener('offline', () => this.wake(), { signal });
    document.addEventListener('visibilitychange', () => document.hidden || this.wake(), { signal });
    addEventListener('storage', ({ key }) => key === this.askedKey && this.wake(), { signal });
    this.phase.value = 'elsewhere';
    void withLock(`d110.sync.${this.store.db.name}`, () => this.run());
  }

  stop(): void {
    this.stopped.abort();
    this.wake();
  }

  /** Something was saved, or the network is back: try now. */
  wake(): void {
    this.retryMs = RETRY_MS_MIN;
    this.isWoken = true;
    this.wakeUp();
  }

  /** The user asks: now, here or in the tab that synchronises. */
  askNow(): void {
    if (this.phase.value === 'elsewhere') localStorage.setItem(this.askedKey, String(Date.now()));
    else this.wake();
  }

  private get askedKey(): string {
    return `d110.sync_asked.${this.account.alias}`;
  }

  private async run(): Promise<void> {
    if (!this.stopped.signal.aborted) await this.store.dropOrphans();
    while (!this.stopped.signal.aborted) {
      try {
        this.isWoken = false;
        this.trouble = undefined;
        this.retryAfterMs = 0;
        this.heldBack.value = undefined;
        this.phase.value = 'syncing';
        await this.push();
        const since = await this.pull();
        await this.pulled();
        this.phase.value = 'idle';
        // whoever sees a whole division would hear of each change in it
        await this.pause(CHECK_MS, this.only ? undefined : this.nextChange(since));
        this.retryMs = RETRY_MS_MIN;
      } catch (error) {
        if (this.stopped.signal.aborted) return;
        if (codeOf(error) === 'out_of_scope') await this.rereadAccount();
        if (isShutOff(error) && (await this.end())) return;
        if (this.stopped.signal.aborted) return;
        this.explain(error);
        // what the gateway asks for is kept to, whatever wakes this meanwhile
        if (this.retryAfterMs) this.restsUntil.value = new Date(Date.now() + this.retryAfterMs);
        await this.rest(this.retryAfterMs);
        this.restsUntil.value = undefined;
        await this.pause(Math.max(0, this.retryMs - this.retryAfterMs));
        this.retryMs = Math.min(this.retryMs * 2, RETRY_MS_MAX);
      }
    }
  }

  /** How this tablet is, for its station to see. */
  private async state(): Promise<TabletState> {
    const stores = [this.store, ...this.elsewhere()];
    const unsent = await Promise.all(stores.map((store) => store.unsent()));
    const outboxes = await Promise.all(stores.map((store) => store.outbox()));
    const room = await storage();
    return {
      pending: unsent.flat().length,
      photos: this.photosToGo(),
      refused: outboxes.flatMap(({ refused }) => Object.keys(refused)).length,
      clock_offset_ms: Math.round(this.session.clockOffsetMs),
      app_version: __APP_VERSION__,
      storage_used: room?.used ?? null,
      storage_quota: room?.quota ?? null,
    };
  }

  /** This device was shut off, or the account closed: all that was written here goes to an office, then the tablet is
   * wiped. False where some of it did not get through, and has to be tried again. */
  private async end(): Promise<boolean> {
    try {
      return await this.shutOff();
    } catch (error) {
      if (!(error instanceof Refused || error instanceof TypeError || error instanceof LoggedOut)) throw error;
      console.warn('handing in waits', error);
      return false;
    }
  }

  /** The account as the gateway has it now; another area opens another desk. */
  private async rereadAccount(): Promise<void> {
    try {
      await this.session.reread();
    } catch (error) {
      if (!(error instanceof Refused || error instanceof TypeError)) throw error;
      console.warn('account not read', error);
    }
  }

  /** The stores of where this user works: one, but for an office of several counties. */
  private own(): Store[] {
    const { account, elsewhere, only, store } = this;
    return only ? [store, ...elsewhere().filter(({ database }) => account.databases.includes(database))] : [store];
  }

  private async push(): Promise<void> {
    const own = this.own();
    for (const store of [this.store, ...this.elsewhere()]) {
      const isHere = ({ _id }: OwnEvent): boolean =>
        own.includes(store) && this.account.divisions.some((code) => _id.startsWith(code));
      const unsent = (await store.unsent()).filter(({ _id }) => (this.laterFrom.get(_id) ?? 0) < Date.now());
      const way = { store, url: `${urlOf(store)}/_bulk_docs`, isFinal: false };
      for (const batch of packByBytes(unsent.filter(isHere))) await this.sendBatch(batch, way);
      await this.handIn(
        unsent.filter((event) => !isHere(event)),
        store,
      );
    }
  }

  /** Fetches what there is for this user; the sequence up to which that is known of the first store. */
  private async pull(): Promise<string> {
    const { signal } = this.stopped;
    const known: string[] = [];
    for (const store of this.own()) {
      const only = await this.only?.(store);
      if (only?.length === 0) continue;
      const pulled = await pull(store, this.fetch, urlOf(store), signal, { tablet: await this.state(), only });
      known.push(pulled.since);
      if (pulled.isOtherScope) await this.session.reread();
      if (pulled.isAnew) this.isWoken = true;
      await this.settleReceipts(store);
    }
    return known[0] ?? '';
  }

  /** Gives what cannot be pushed any more to an office. Its answer is the last word: no receipt will come. */
  async handIn(events: OwnEvent[], store = this.store): Promise<void> {
    const way = { store, url: `${location.origin}/hand-in`, isFinal: true };
    for (const batch of packByBytes(events)) await this.sendBatch(batch, way);
  }

  /** A batch that is refused whole is halved until what it is refused for stands alone, so that the rest goes out. */
  private async sendBatch(batch: OwnEvent[], way: Way): Promise<void> {
    const [first] = batch;
    if (!first) return;
    // between two batches somebody may have logged out
    if (this.stopped.signal.aborted) throw new LoggedOut(this.store.alias);
    try {
      const rows = await ask<PushRow[]>(this.patient(batch), way.url, { docs: batch, new_edits: false }, packed);
      for (const [at, row] of rows.entries()) await this.takeAnswer((batch[at] ?? first)._id, row, way);
    } catch (error) {
      const reason = reasonOfWhole(error);
      if (reason === undefined) throw error;
      if (batch.length === 1) return way.store.markRefused(first._id, reason);
      const half = Math.ceil(batch.length / 2);
      await this.sendBatch(batch.slice(0, half), way);
      await this.sendBatch(batch.slice(half), way);
    }
  }

  /** A line that swallows a batch is given up after as long as a very slow one needs for it. */
  private patient(batch: OwnEvent[]): typeof fetch {
    const signal = AbortSignal.timeout(PUSH_MS_MIN + JSON.stringify(batch).length / SLOW_BYTES_A_MS);
    return (input, init) => this.fetch(input, { ...init, signal });
  }

  /** A refusal is final: the gateway keeps the document in quarantine. Where it has no room left for what it refuses
   * today, this one waits here, and the others go on. Any other error is tried again. */
  private async takeAnswer(id: string, { error, reason = '' }: PushRow, { store, isFinal }: Way): Promise<void> {
    if (!error) return isFinal ? store.markSent(new Set([id])) : undefined;
    if (error === 'too_many_refused') {
      this.laterFrom.set(id, Date.now() + NO_ROOM_MS);
      this.heldBack.value = failureIn(reason);
    } else if (error === 'forbidden') {
      await store.markRefused(id, reason);
    } else {
      throw Object.assign(new Error(error), { reason });
    }
  }

  private async settleReceipts(store: Store): Promise<void> {
    const { waiting } = await store.outbox();
    const villages = new Set(waiting.map((id) => id.slice(0, id.indexOf(':'))));
    const receipts = await Promise.all([...villages].map((village) => store.receipts(village)));
    const held = new Set(receipts.flat().flatMap(({ ids }) => ids));
    if (waiting.some((id) => held.has(id))) await store.markSent(held);
  }

  /** Resolves when the gateway has something new beyond the sequence; rejects when the line is dead. */
  private async nextChange(since: string, limit = new AbortController()): Promise<void> {
    const query = new URLSearchParams({ feed: 'longpoll', since, limit: '1', heartbeat: String(HEARTBEAT_MS) });
    const give = (): void => limit.abort();
    this.stopped.signal.addEventListener('abort', give);
    this.hangUp = give;
    try {
      const response = await this.fetch(`${urlOf(this.store)}/_changes?${query}`, { signal: limit.signal });
      if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
      let answer = '';
      for await (const text of patiently(response.body, give)) answer += text;
      // a page of the network's own, or an error told late, is no change; to ask again at once would never end
      const { results } = JSON.parse(answer) as { results?: unknown[] };
      if (!results) throw new Error(answer);
    } finally {
      this.stopped.signal.removeEventListener('abort', give);
    }
  }
  private hangUp: () => void = () => {};

  private rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      const stop = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.stopped.signal.addEventListener('abort', stop, { once: true });
    });
  }

  private async pause(ms: number, sooner?: Promise<void>): Promise<void> {
    // hanging up ends the wait of whoever loses this race; its complaint is not news
    sooner?.catch(() => {});
    if (this.isWoken) return this.hangUp();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const rest = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
      this.wakeUp = resolve;
    });
    try {
      await (sooner ? Promise.race([rest, sooner]) : rest);
    } finally {
      clearTimeout(timer);
      this.hangUp();
    }
  }

  private explain(error: unknown): void {
    if (this.session.hasLapsed.value || error instanceof LoggedOut) this.phase.value = 'lapsed';
    else if (error instanceof Refused && error.problem.status === 503) this.phase.value = 'store_down';
    else this.phase.value = this.trouble ?? 'failing';
    this.failure.value = isFull(error) ? 'storage_full' : failureOf(error);
    if (this.phase.value === 'failing') console.warn('sync failed', error);
  }

  private readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    try {
      const response = await this.send(input, init);
      if (response.status === 503) this.trouble = 'store_down';
      if (response.status === 503 || response.status === 429) {
        const asked = Number(response.headers.get('Retry-After') ?? 0) * 1000 || 0;
        this.retryAfterMs = Math.min(asked, RETRY_MS_MAX);
      }
      return response;
    } catch (error) {
      const isLate = error instanceof DOMException && error.name === 'TimeoutError';
      if (error instanceof TypeError || isLate) this.trouble = 'network';
      throw error;
    }
  };
}

/** Where a batch goes. `isFinal`: what is taken there is sent, without a receipt. */
interface Way {
  store: Store;
  url: string;
  isFinal: boolean;
}

const urlOf = ({ database }: Store): string => `${location.origin}/db/${database}`;
const codeOf = (error: unknown): string | undefined => (error instanceof Refused ? error.problem.code : undefined);
const isShutOff = (error: unknown): boolean => ['device_revoked', 'account_closed'].includes(codeOf(error) ?? '');

/** Why a batch was refused whole; undefined where another try may help. */
function reasonOfWhole(error: unknown): string | undefined {
  if (!(error instanceof Refused)) return undefined;
  const { status, reason } = error.problem;
  if (status === 413) return reason ?? TOO_LARGE;
  return status === 400 ? (reason ?? '') : undefined;
}

/** Batches of at most `BATCH_BYTES_MAX` of JSON; a larger single event travels alone. */
export function packByBytes(events: OwnEvent[]): OwnEvent[][] {
  const batches: OwnEvent[][] = [];
  let room = 0;
  for (const event of events) {
    const bytes = new TextEncoder().encode(JSON.stringify(event)).length;
    if (bytes > room) {
      batches.push([]);
      room = BATCH_BYTES_MAX;
    }
    batches.at(-1)?.push(event);
    room -= bytes;
  }
  return batches;
}
