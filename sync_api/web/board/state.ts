/** What the board shows, kept true by the event stream. */
import { computed, ref, shallowRef } from 'vue';
import { ask, type Board, type Catalogue, Refused } from '../shared/api';
import { lampTree } from '../shared/catalogue';
import { LETTERS } from '../shared/lights';
import type { Session } from '../shared/session';
import { type Change, Lamps } from './lamps';
import { LiveStream, STALE_AFTER_MS } from './live';

const CHANGES_KEPT = 60;
/** A village computed for the first time changes in ninety lamps at once. */
const CHANGES_OF_A_VILLAGE = 8;
const RETRY_MS = 2_000;
const WATCH_MS = 1_000;

export function useBoard(session: Session) {
  const catalogue = shallowRef<Catalogue>();
  const board = shallowRef<Board>();
  const lamps = shallowRef<Lamps>();
  /** Counts up whenever lamps change: they lie in a plain array that Vue does not watch. */
  const revision = ref(0);
  const changes = shallowRef<Change[]>([]);
  const heardAt = ref<number>();
  const isStale = ref(false);
  const fault = ref('');
  const listeners = new Set<(rows: ReadonlySet<number>) => void>();
  let stream: LiveStream | undefined;
  let watch: ReturnType<typeof setInterval> | undefined;

  async function start(): Promise<void> {
    const division = session.account.value?.divisions[0];
    if (division === undefined) return;
    stream = new LiveStream(division, session, { alive, lights, reset: () => void read(division) });
    watch = setInterval(look, WATCH_MS);
    await read(division);
  }

  function stop(): void {
    stream?.close();
    stream = undefined;
    clearInterval(watch);
    board.value = undefined;
    lamps.value = undefined;
    changes.value = [];
  }

  async function read(division: string): Promise<void> {
    try {
      const send = session.fetch;
      const [known, found] = await Promise.all([
        catalogue.value ?? ask<Catalogue>(send, '/catalogue'),
        ask<Board>(send, `/board/${division}`),
      ]);
      // an office put a new catalogue in force: the lamps' columns are its indicators
      catalogue.value = known.version === found.catalogue ? known : await ask<Catalogue>(send, '/catalogue');
      lamps.value = new Lamps(found, catalogue.value.indicators.length);
      // the first time only: from then on the stream carries its own place
      if (!board.value) stream?.open(found.event_id);
      board.value = found;
      revision.value += 1;
      fault.value = '';
    } catch (error) {
      if (!(error instanceof Refused || error instanceof TypeError)) throw error;
      fault.value = error instanceof Refused ? error.message : 'no_network';
      if (stream) setTimeout(() => void read(division), RETRY_MS);
    }
  }

  function alive(): void {
    heardAt.value = Date.now();
    isStale.value = false;
  }

  function look(): void {
    if (isStale.value || Date.now() - (heardAt.value ?? Date.now()) < STALE_AFTER_MS) return;
    isStale.value = true;
    stream?.reopen();
  }

  function lights(event: { village: string; lights: string; at: string }): void {
    const found = lamps.value?.apply(event.village, event.lights, event.at) ?? [];
    const row = lamps.value?.rowOf(event.village);
    if (row === undefined) return;
    if (found.length) {
      const worstFirst = found.sort((a, b) => LETTERS.indexOf(b.to) - LETTERS.indexOf(a.to));
      changes.value = [...worstFirst.slice(0, CHANGES_OF_A_VILLAGE), ...changes.value].slice(0, CHANGES_KEPT);
      revision.value += 1;
    }
    // also without a lamp that changed: the village's cases may have
    for (const listener of listeners) listener(new Set([row]));
  }

  /** Calls back with the rows that changed; returns the way to stop. */
  function onChange(listener: (rows: ReadonlySet<number>) => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  const tree = computed(() => (catalogue.value ? lampTree(catalogue.value) : []));
  return { catalogue, tree, board, lamps, revision, changes, heardAt, isStale, fault, start, stop, onChange };
}

export type BoardState = ReturnType<typeof useBoard>;
