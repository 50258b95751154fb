/** All that the pages of one logged-in user show: read from the store, and again whenever it changes. */
import { computed, ref, shallowRef } from 'vue';
import { type Account, ask, type Catalogue, type DivisionView, Refused } from '../shared/api';
import { lampTree } from '../shared/catalogue';
import type { LightsDocument, ReadingValue, Report, Round } from '../shared/documents';
import { databaseOf, eventId, levelOf } from '../shared/ids';
import type { Session } from '../shared/session';
import { type OwnEvent, Store } from './store';
import { Synchroniser } from './sync';

export type WorkState = 'waiting' | 'sent' | 'refused';

/** One own event and what became of it. `receivedAt` is unset for what came from another device of the same user. */
export interface WorkItem {
  event: OwnEvent;
  state: WorkState;
  receivedAt?: string | undefined;
  reason?: string | undefined;
  answers: string[];
}
export interface Reading {
  value: ReadingValue;
  observedAt: string;
}

const CATALOGUE_KEY = 'd110.catalogue';
const REREAD_AFTER_MS = 60;

export type Desk = ReturnType<typeof useDesk>;

export function useDesk(session: Session, account: Account) {
  const villages = account.divisions.filter((code) => levelOf(code) === 'village');
  const village = villages[0] ?? '';
  const database = databaseOf(village);
  const placeKey = `d110.division.${village}`;
  const seenKey = `d110.seen.${account.alias}`;

  const catalogue = shallowRef(kept<Catalogue>(CATALOGUE_KEY));
  const place = shallowRef(kept<DivisionView>(placeKey));
  const lights = shallowRef<LightsDocument>();
  const work = shallowRef<WorkItem[]>([]);
  const readings = shallowRef<ReadonlyMap<string, Reading>>(new Map());
  const lastReceiptAt = ref<string>();
  const seenAt = ref(localStorage.getItem(seenKey) ?? undefined);

  const store = new Store(account.alias, database);
  const sync = new Synchroniser(store, session, database, async () => {
    seenAt.value = new Date().toISOString();
    localStorage.setItem(seenKey, seenAt.value);
    await reread();
    await refreshReference();
  });

  async function reread(): Promise<void> {
    const [events, receipts, answers, outbox, lit, carriers] = await Promise.all([
      store.ownEvents(village),
      store.receipts(village),
      store.answers(village),
      store.outbox(),
      store.lights(village),
      store.readings(village),
    ]);
    const received = new Map(receipts.flatMap(({ ids, received_at }) => ids.map((id) => [id, received_at] as const)));
    const waiting = new Set(outbox.waiting);
    work.value = events.map((event) => {
      const receivedAt = received.get(event._id);
      const reason = receivedAt === undefined ? outbox.refused[event._id] : undefined;
      const state: WorkState =
        reason !== undefined ? 'refused' : waiting.has(event._id) && receivedAt === undefined ? 'waiting' : 'sent';
      return {
        event,
        state,
        receivedAt,
        reason,
        answers: answers.filter(({ about }) => about === event._id).map(({ text }) => text),
      };
    });
    lastReceiptAt.value = receipts
      .map(({ received_at }) => received_at)
      .sort()
      .at(-1);
    lights.value = lit;
    readings.value = latestReadings(carriers);
  }

  /** The catalogue that the lights were computed with, and what the village is called. */
  async function refreshReference(): Promise<void> {
    const isOld = !catalogue.value || (lights.value && catalogue.value.version !== lights.value.catalogue);
    try {
      if (isOld) {
        catalogue.value = await ask<Catalogue>(session.fetch, '/catalogue');
        keep(CATALOGUE_KEY, catalogue.value);
      }
      if (!place.value) {
        place.value = await ask<DivisionView>(session.fetch, `/divisions/${village}`);
        keep(placeKey, place.value);
      }
    } catch (error) {
      // no reason to call the sync itself a failure: the next round asks again
      if (!(error instanceof Refused || error instanceof TypeError)) throw error;
      console.warn('reference data not refreshed', error);
    }
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  const feed = store.db.changes({ live: true, since: 'now' }).on('change', () => {
    clearTimeout(timer);
    timer = setTimeout(() => void reread(), REREAD_AFTER_MS);
  });

  async function open(): Promise<void> {
    await reread();
    void refreshReference();
    sync.start();
  }

  function close(): void {
    clearTimeout(timer);
    feed.cancel();
    sync.stop();
  }

  async function save(event: OwnEvent): Promise<void> {
    await store.save(event);
    await reread();
    sync.wake();
  }

  function frame(kind: 'report' | 'round', observed: Date) {
    const now = new Date();
    return {
      _id: eventId(village, kind, account.alias, now.getTime()),
      observed_at: observed.toISOString(),
      saved_at: now.toISOString(),
      clock_offset_ms: session.clockOffsetMs,
      app_version: __APP_VERSION__,
    };
  }
  const saveReport = (observed: Date, body: Pick<Report, 'indicator' | 'severity' | 'text' | 'place'>): Promise<void> =>
    save({ type: 'report', ...frame('report', observed), channel: 'tablet', ...body } as Report);
  const saveRound = (body: Pick<Round, 'readings' | 'text'>): Promise<void> =>
    save({ type: 'round', ...frame('round', new Date()), channel: 'visit', ...body } as Round);

  const tree = computed(() => (catalogue.value ? lampTree(catalogue.value) : []));
  const tally = computed(() => {
    const count = (state: WorkState): number => work.value.filter((item) => item.state === state).length;
    return { total: work.value.length, held: count('sent'), waiting: count('waiting'), refused: count('refused') };
  });
  const isSimulated = computed(() => lights.value?.simulated === true);
  const mayVisit = account.role === 'administrator';

  return {
    account,
    village,
    catalogue,
    tree,
    place,
    lights,
    work,
    tally,
    readings,
    lastReceiptAt,
    seenAt,
    isSimulated,
    mayVisit,
    sync,
    open,
    close,
    saveReport,
    saveRound,
  };
}

/** The latest reading of each indicator by when it was observed, as `models/readings.py` folds them. */
function latestReadings(carriers: { _id: string; observed_at: string; readings?: Record<string, ReadingValue> }[]) {
  const latest = new Map<string, Reading & { id: string }>();
  for (const { _id: id, observed_at: observedAt, readings } of carriers) {
    for (const [code, value] of Object.entries(readings ?? {})) {
      const held = latest.get(code);
      const order = held ? Date.parse(observedAt) - Date.parse(held.observedAt) || id.localeCompare(held.id) : 1;
      if (order > 0) latest.set(code, { value, observedAt, id });
    }
  }
  return latest;
}

function kept<T>(key: string): T | undefined {
  const text = localStorage.getItem(key);
  return text === null ? undefined : (JSON.parse(text) as T);
}
function keep(key: string, value: unknown): void {
  localStorage.setItem(key, JSON.stringify(value));
}
