/** What the board shows, kept true by the event stream. */
import { computed, ref, shallowRef } from 'vue';
import { ask, type Board, type Catalogue, Refused } from '../shared/api';
import { lampTree } from '../shared/catalogue';
import { type Failure, failureOf, isFinal } from '../shared/failures';
import { LETTERS } from '../shared/lights';
import type { Session } from '../shared/session';
import { type Change, Lamps } from './lamps';
import { type LightsEvent, LiveStream, STALE_AFTER_MS } from './live';

const CHANGES_KEPT = 60;
/** A village computed for the first time changes in ninety lamps at once. */
const CHANGES_OF_A_VILLAGE = 8;
/** Soon enough for the eye. */
const SHOW_WITHIN_MS = 60;
const RETRY_MS = 2_000;
const WATCH_MS = 1_000;

export class BoardState {
  readonly catalogue = shallowRef<Catalogue>();
  readonly board = shallowRef<Board>();
  readonly lamps = shallowRef<Lamps>();
  /** Counts up whenever lamps change: they lie in a plain array that Vue does not watch. */
  readonly revision = ref(0);
  /** The newest first. */
  readonly changes = shallowRef<Change[]>([]);
  readonly heardAt = ref<number>();
  readonly isStale = ref(false);
  readonly failure = shallowRef<Failure>();
  /** The gateway shows this account no board of the division: asking again would not help. */
  readonly isDenied = ref(false);
  readonly tree = computed(() => (this.catalogue.value ? lampTree(this.catalogue.value) : []));

  private readonly listeners = new Set<(rows: ReadonlySet<number>) => void>();
  private stream: LiveStream | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;
  // a nightly run changes thousands of villages at once: they are shown together, not one by one
  private arrived: Change[] = [];
  private touched = new Set<number>();
  private rereading: ReturnType<typeof setTimeout> | undefined;
  private showing: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly session: Session) {}

  /** Shows a division and all below it, instead of what was shown before. */
  async start(division: string): Promise<void> {
    this.stop();
    this.stream = new LiveStream(division, this.session, {
      alive: () => this.alive(),
      lights: (event) => this.take(event),
      reset: () => void this.read(division),
    });
    this.watch = setInterval(() => this.look(), WATCH_MS);
    await this.read(division);
  }

  stop(): void {
    this.stream?.close();
    this.stream = undefined;
    clearInterval(this.watch);
    clearTimeout(this.rereading);
    clearTimeout(this.showing);
    this.showing = undefined;
    this.arrived = [];
    this.touched = new Set();
    this.board.value = undefined;
    this.lamps.value = undefined;
    this.changes.value = [];
    this.failure.value = undefined;
    this.isDenied.value = false;
    this.heardAt.value = undefined;
    this.isStale.value = false;
  }

  /** Calls back with the rows that changed; returns the way to stop. */
  readonly onChange = (listener: (rows: ReadonlySet<number>) => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private async read(division: string): Promise<void> {
    const { stream } = this;
    const send = this.session.fetch;
    try {
      const [known, found] = await Promise.all([
        this.catalogue.value ?? ask<Catalogue>(send, '/catalogue'),
        ask<Board>(send, `/board/${division}`),
      ]);
      // an office put a new catalogue in force: the lamps' columns are its indicators
      const catalogue = known.version === found.catalogue ? known : await ask<Catalogue>(send, '/catalogue');
      // another division was chosen meanwhile, or nobody is logged in any more
      if (!stream || stream !== this.stream) return;
      this.catalogue.value = catalogue;
      const lamps = new Lamps(found, catalogue.indicators.length);
      this.lamps.value = lamps;
      this.changes.value = found.changes.flatMap(({ at, village, lamp, before, after }) => {
        const of = lamps.villages[lamps.rowOf(village) ?? -1];
        return of ? [{ at, village: of, column: lamp, from: before, to: after }] : [];
      });
      // the first time only: from then on the stream carries its own place
      if (!this.board.value) stream.open(found.event_id);
      this.board.value = found;
      this.revision.value += 1;
      this.failure.value = undefined;
    } catch (error) {
      if (!(error instanceof Refused || error instanceof TypeError)) throw error;
      if (!stream || stream !== this.stream) return;
      const failed = failureOf(error);
      this.isDenied.value = isFinal(failed);
      if (this.isDenied.value) return;
      this.failure.value = failed;
      this.rereading = setTimeout(() => void this.read(division), RETRY_MS);
    }
  }

  private alive(): void {
    this.heardAt.value = Date.now();
    this.isStale.value = false;
  }

  private look(): void {
    if (this.isStale.value || Date.now() - (this.heardAt.value ?? Date.now()) < STALE_AFTER_MS) return;
    this.isStale.value = true;
    this.stream?.reopen();
  }

  private take(event: LightsEvent): void {
    const row = this.lamps.value?.rowOf(event.village);
    if (row === undefined) return;
    const found = this.lamps.value?.apply(event.village, event.lights, event.at) ?? [];
    const worstFirst = found.sort((a, b) => LETTERS.indexOf(b.to) - LETTERS.indexOf(a.to));
    this.arrived = [...worstFirst.slice(0, CHANGES_OF_A_VILLAGE), ...this.arrived].slice(0, CHANGES_KEPT);
    // also without a lamp that changed: the village's cases may have
    this.touched.add(row);
    this.showing ??= setTimeout(() => this.show(), SHOW_WITHIN_MS);
  }

  private show(): void {
    const rows = this.touched;
    this.changes.value = [...this.arrived, ...this.changes.value].slice(0, CHANGES_KEPT);
    this.arrived = [];
    this.touched = new Set();
    this.showing = undefined;
    this.revision.value += 1;
    for (const listener of this.listeners) listener(rows);
  }
}
