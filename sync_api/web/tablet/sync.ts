/**
 * Sends what lies in the outbox, fetches what the gateway lets this user see, and waits for more: one loop, one tab.
 * An event counts as sent when its receipt has come, never because a request went well.
 */
import { ref, shallowRef } from 'vue';
import { ask, packed, Refused, type TabletState } from '../shared/api';
import { type Failure, failureOf } from '../shared/failures';
import type { Session } from '../shared/session';
import { withLock } from '../shared/session';
import { patiently, pull } from './pull';
import { storage } from './room';
import type { OwnEvent, Store } from './store';

export type Phase = 'starting' | 'syncing' | 'idle' | 'network' | 'store_down' | 'lapsed' | 'failing' | 'elsewhere';

/** A batch that a slow line carries in seconds; the gateway takes 1 MB and more. */
const BATCH_BYTES_MAX = 200_000;
const RETRY_MS_MIN = 2_000;
const RETRY_MS_MAX = 300_000;
/** Looks by itself now and then, should a wake-up be lost. */
const CHECK_MS = 60_000;
const HEARTBEAT_MS = 10_000;

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
  private readonly url: string;
  private retryMs = RETRY_MS_MIN;
  private retryAfterMs = 0;
  private trouble: 'network' | 'store_down' | undefined;
  private isWoken = false;
  private wakeUp: () => void = () => {};
  private readonly stopped = new AbortController();

  constructor(
    private readonly store: Store,
    private readonly session: Session,
    database: string,
    private readonly pulled: () => Promise<void>,
    private readonly revoked: () => Promise<boolean>,
  ) {
    this.url = `${location.origin}/db/${database}`;
  }

  start(): void {
    const { signal } = this.stopped;
    addEventListener('online', () => this.wake(), { signal });
    // hangs up the long poll, which a lost network may leave silent for long, and says so at once
    addEventListener('offline', () => this.wake(), { signal });
    document.addEventListener('visibilitychange', () => document.hidden || this.wake(), { signal });
    this.phase.value = 'elsewhere';
    void withLock(`d110.sync.${this.store.db.name}`, () => this.run());
  }

  stop(): void {
    this.stopped.abort();
    this.wake();
  }

  /** Something was saved, the network is back, or the user asks: try now. */
  wake(): void {
    this.retryMs = RETRY_MS_MIN;
    this.isWoken = true;
    this.wakeUp();
  }

  private async run(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      try {
        this.isWoken = false;
        this.trouble = undefined;
        this.retryAfterMs = 0;
        this.phase.value = 'syncing';
        await this.push();
        const { since, isAnew, isOtherScope } = await pull(
          this.store,
          this.fetch,
          this.url,
          this.stopped.signal,
          await this.state(),
        );
        if (isOtherScope) await this.session.reread();
        if (isAnew) this.isWoken = true;
        await this.settleReceipts();
        await this.pulled();
        this.phase.value = 'idle';
        await this.pause(CHECK_MS, this.nextChange(since));
        this.retryMs = RETRY_MS_MIN;
      } catch (error) {
        if (this.stopped.signal.aborted) return;
        if ((await this.isOver(error)) && (await this.revoked())) return;
        this.explain(error);
        // what the gateway asks for is kept to, whatever wakes this meanwhile
        await this.rest(this.retryAfterMs);
        await this.pause(Math.max(0, this.retryMs - this.retryAfterMs));
        this.retryMs = Math.min(this.retryMs * 2, RETRY_MS_MAX);
      }
    }
  }

  /** How this tablet is, for its station to see. */
  private async state(): Promise<TabletState> {
    const { waiting, refused } = await this.store.outbox();
    const room = await storage();
    return {
      pending: waiting.length,
      refused: Object.keys(refused).length,
      clock_offset_ms: Math.round(this.session.clockOffsetMs),
      app_version: __APP_VERSION__,
      storage_used: room?.used ?? null,
      storage_quota: room?.quota ?? null,
    };
  }

  /** Whether this device was shut off, and holds no document any more that the gateway has not. What was not sent went to
   * the office by the push before: a revoked device may do that, and only that. */
  private async isOver(error: unknown): Promise<boolean> {
    if (!(error instanceof Refused) || error.problem.code !== 'device_revoked') return false;
    return (await this.store.outbox()).waiting.length === 0;
  }

  private async push(): Promise<void> {
    const { waiting } = await this.store.outbox();
    if (!waiting.length) return;
    for (const batch of packByBytes(await this.store.withRevisions(waiting))) await this.send(batch);
  }

  /** A batch that is refused whole is halved until what it is refused for stands alone, so that the rest goes out. */
  private async send(batch: OwnEvent[]): Promise<void> {
    const [first] = batch;
    if (!first) return;
    try {
      const rows = await ask<PushRow[]>(
        this.fetch,
        `${this.url}/_bulk_docs`,
        { docs: batch, new_edits: false },
        packed,
      );
      for (const [at, row] of rows.entries()) await this.takeAnswer((batch[at] ?? first)._id, row);
    } catch (error) {
      const reason = reasonOfWhole(error);
      if (reason === undefined) throw error;
      if (batch.length === 1) return this.markRefused(first._id, reason);
      const half = Math.ceil(batch.length / 2);
      await this.send(batch.slice(0, half));
      await this.send(batch.slice(half));
    }
  }

  /** A refusal is final: the gateway keeps the document in quarantine. Any other error is tried again. */
  private async takeAnswer(id: string, { error, reason = '' }: PushRow): Promise<void> {
    if (!error) return;
    if (error !== 'forbidden') throw Object.assign(new Error(error), { reason });
    await this.markRefused(id, reason);
  }

  private async markRefused(id: string, reason: string): Promise<void> {
    await this.store.changeOutbox((outbox) => ({
      ...outbox,
      waiting: outbox.waiting.filter((waiting) => waiting !== id),
      refused: { ...outbox.refused, [id]: reason },
    }));
  }

  private async settleReceipts(): Promise<void> {
    const { waiting } = await this.store.outbox();
    const villages = new Set(waiting.map((id) => id.slice(0, id.indexOf(':'))));
    const receipts = await Promise.all([...villages].map((village) => this.store.receipts(village)));
    const held = new Set(receipts.flat().flatMap(({ ids }) => ids));
    if (!waiting.some((id) => held.has(id))) return;
    await this.store.changeOutbox((outbox) => ({
      ...outbox,
      waiting: outbox.waiting.filter((id) => !held.has(id)),
    }));
  }

  /** Resolves when the gateway has something new beyond the sequence; rejects when the line is dead. */
  private async nextChange(since: string, limit = new AbortController()): Promise<void> {
    const query = new URLSearchParams({ feed: 'longpoll', since, limit: '1', heartbeat: String(HEARTBEAT_MS) });
    const give = (): void => limit.abort();
    this.stopped.signal.addEventListener('abort', give);
    this.hangUp = give;
    try {
      const response = await this.fetch(`${this.url}/_changes?${query}`, { signal: limit.signal });
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
    if (this.session.hasLapsed.value) this.phase.value = 'lapsed';
    else if (error instanceof Refused && error.problem.status === 503) this.phase.value = 'store_down';
    else this.phase.value = this.trouble ?? 'failing';
    this.failure.value = failureOf(error);
    if (this.phase.value === 'failing') console.warn('sync failed', error);
  }

  private readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    try {
      const response = await this.session.fetch(input, init);
      if (response.status === 503) {
        this.trouble = 'store_down';
        this.retryAfterMs = Number(response.headers.get('Retry-After') ?? 0) * 1000 || 0;
      }
      return response;
    } catch (error) {
      if (error instanceof TypeError) this.trouble = 'network';
      throw error;
    }
  };
}

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
