/** What the board shows, kept true by the event stream. */
import { computed, ref, shallowRef } from 'vue';
import { ask, type Board, type Catalogue, Refused } from '../shared/api';
import { lampTree } from '../shared/catalogue';
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
  readonly fault = ref('');
  readonly tree = computed(() => (this.catalogue.value ? lampTree(this.catalogue.value) : []));

  private readonly listeners = new Set<(rows: ReadonlySet<number>) => void>();
  private stream: LiveStream | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;
  // a nightly run changes thousands of villages at once: they are shown together, not one by one
  private arrived: Change[] = [];
  private touched = new Set<number>();
  private showing: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly session: Session) {}

  async start(): Promise<void> {
    const division = this.session.account.value?.divisions[0];
    if (division === undefined) return;
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
    this.board.value = undefined;
    this.lamps.value = undefined;
    this.changes.value = [];
  }

  /** Calls back with the rows that changed; returns the way to stop. */
  readonly onChange = (listener: (rows: ReadonlySet<number>) => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private async read(division: string): Promise<void> {
    const send = this.session.fetch;
    try {
      const [known, found] = await Promise.all([
        this.catalogue.value ?? ask<Catalogue>(send, '/catalogue'),
        ask<Board>(send, `/board/${division}`),
      ]);
      // an office put a new catalogue in force: the lamps' columns are its indicators
      this.catalogue.value = known.version === found.catalogue ? known : await ask<Catalogue>(send, '/catalogue');
      this.lamps.value = new Lamps(found, this.catalogue.value.indicators.length);
      // the first time only: from then on the stream carries its own place
      if (!this.board.value) this.stream?.open(found.event_id);
      this.board.value = found;
      this.revision.value += 1;
      this.fault.value = '';
    } catch (error) {
      if (!(error instanceof Refused || error instanceof TypeError)) throw error;
      this.fault.value = error instanceof Refused ? error.message : 'no_network';
      if (this.stream) setTimeout(() => void this.read(division), RETRY_MS);
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
