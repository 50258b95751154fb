/** The desk of an office's account on a tablet: the checks of villages that an inspector writes on the way. It holds the
 * open patrols, the names of the division's villages, what was written here, and nothing else of the division. */
import { computed, shallowRef } from 'vue';
import { ask, type OpenPatrol, type OpenPatrols } from '../shared/api';
import type { Answer, Inspection, Receipt } from '../shared/documents';
import { databaseOf, levelOf, timeOf } from '../shared/ids';
import { shortName } from '../shared/names';
import { Desk, keep, kept, wellFormed } from './desk';
import { type Written, writtenOf } from './reading';
import type { OwnEvent, Store } from './store';

/** What an inspector writes of one village. */
export interface CheckDraft {
  village: string;
  /** The id of the patrol that it is made for; null for a check by itself. */
  patrol: string | null;
  is_planned: boolean;
  text: string;
  /** What was looked at, in the order in which it was chosen; empty while nothing is written. */
  readings: Record<string, Written>;
  /** When it was seen, of one that was sent back and is written again. */
  observed_at?: string;
}
/** One check of a village of a patrol: as the gateway told it, or as it was written here and may not have come there. */
export interface CheckHere {
  at: string;
  author: string;
  isWaiting: boolean;
}
interface PatrolHere extends OpenPatrol {
  visits: { village: string; place: string; checks: CheckHere[] }[];
}

const PATROLS = 'patrols';
const DAY_MS = 86_400_000;
/** What has arrived leaves the tablet after that; the patrols' page has it. */
const KEPT_DAYS = 60;
/** Of more villages than that nothing is asked for: so many nobody checks in two months. */
const VILLAGES_MAX = 300;

interface Names {
  readOn: number;
  names: Record<string, string>;
}

/** A draft that says what a check said, to correct one that was sent back; it was seen when it was seen. */
export function draftOfCheck({
  _id,
  patrol,
  is_planned,
  text = '',
  readings = {},
  observed_at,
}: Inspection): CheckDraft {
  const village = _id.slice(0, _id.indexOf(':'));
  return { village, patrol: patrol ?? null, is_planned, text, readings: writtenOf(readings), observed_at };
}

export class PatrolDesk extends Desk {
  /** The open patrols, as the gateway told them, and when. */
  readonly told = shallowRef<{ at: string; open: OpenPatrols } | undefined>(
    JSON.parse(this.vault.getItem(PATROLS) ?? 'null') ?? undefined,
  );
  private readonly namesKey = `d110.names.${this.account.divisions.join('.')}`;
  private readonly kept = shallowRef(kept<Names>(this.namesKey));
  private readonly names = computed(() => new Map(Object.entries(this.kept.value?.names ?? {})));
  /** The villages that may be checked, each with what it is searched by. */
  readonly villages = computed(() =>
    [...this.names.value.keys()]
      .filter((code) => levelOf(code) === 'village')
      .map((code) => ({ code, place: this.placeName(code) })),
  );
  override readonly isSimulated = computed(() => this.told.value?.open.simulated === true);
  /** The open patrols, with what was written here of them. */
  readonly patrols = computed<PatrolHere[]>(() =>
    (this.told.value?.open.patrols ?? []).map((patrol) => ({
      ...patrol,
      visits: patrol.visits.map(({ village, checks }) => ({
        village,
        place: this.placeName(village),
        checks: this.checksHere(patrol.id, village, checks),
      })),
    })),
  );

  /** The village's name, and those of what lies between it and the division. */
  placeName(village: string): string {
    const codes = [village.slice(0, 6), village.slice(0, 9), village];
    const known = codes.flatMap((code) => this.names.value.get(code) ?? []);
    return known.map(shortName).join(' ') || village;
  }

  override placeOf({ _id }: OwnEvent): string {
    return this.placeName(_id.slice(0, _id.indexOf(':')));
  }

  /** Keeps a check. `observed`: when it was seen, if not just now. */
  async saveCheck(
    { village, patrol, is_planned }: Pick<CheckDraft, 'village' | 'patrol' | 'is_planned'>,
    { readings, text }: Required<Pick<Inspection, 'readings' | 'text'>>,
    observed: Date | undefined,
  ): Promise<void> {
    const frame = this.frame('inspection', observed, this.account.alias, village);
    const of = patrol === null ? {} : { patrol };
    await this.save({ type: 'inspection', ...frame, is_planned, ...of, readings, text: wellFormed(text) });
  }

  private checksHere(patrol: string, village: string, told: { at: string; author: string }[]): CheckHere[] {
    const { alias } = this.account;
    const mine = this.work.value.flatMap(({ event, state }) => {
      const isOf = event.type === 'inspection' && event.patrol === patrol && event._id.startsWith(`${village}:`);
      const isHeld = told.some(
        ({ at, author }) => author === alias && Date.parse(at) === Date.parse(event.observed_at),
      );
      if (!isOf || isHeld || (state !== 'waiting' && state !== 'sent')) return [];
      return [{ at: event.observed_at, author: alias, isWaiting: state === 'waiting' }];
    });
    return [...told.map((one) => ({ ...one, isWaiting: false })), ...mine];
  }

  protected override isOwn({ database }: Store): boolean {
    return this.account.databases.includes(database);
  }

  protected override async databases(): Promise<string[]> {
    const others = this.account.databases.filter((database) => database !== this.store.database);
    return [...new Set([...others, ...(await super.databases())])];
  }

  protected override storeOf(id: string): Store {
    const database = databaseOf(id);
    return this.elsewhere.find((one) => one.database === database) ?? this.store;
  }

  /** Receipts for what was written here and lately, and the words that offices send its author. */
  protected override get only(): (store: Store) => Promise<string[]> {
    return async (store) => {
      const { alias, divisions } = this.account;
      const oldest = this.now().getTime() - KEPT_DAYS * DAY_MS;
      const { waiting, refused } = await store.outbox();
      const unsettled = new Set([...waiting, ...Object.keys(refused)]);
      const ids = (await store.allOwnIds()).filter((id) => unsettled.has(id) || timeOf(id) > oldest);
      ids.sort((a, b) => b.slice(-26).localeCompare(a.slice(-26)));
      const villages = [...new Set(ids.map((id) => id.slice(0, id.indexOf(':'))))].slice(0, VILLAGES_MAX);
      const here = divisions.filter((code) => databaseOf(code) === store.database);
      return [
        ...here.map((code) => `${code}:answer:${alias}:`),
        ...villages.flatMap((village) => [`${village}:inspection:${alias}:`, `${village}:receipt:${alias}.`]),
      ];
    };
  }

  protected override async reread(): Promise<void> {
    const stores = [this.store, ...this.elsewhere];
    const all = async <T>(work: (store: Store) => Promise<T[]>): Promise<T[]> =>
      (await Promise.all(stores.map(work))).flat();
    const own = await all(async (store) => store.withRevisions(await store.allOwnIds()));
    const receipts = await all((store) => store.ofKind<Receipt>('receipt'));
    const answers = await all((store) => store.ofKind<Answer>('answer'));
    this.showWork(own, receipts, answers, await Promise.all(stores.map((store) => store.outbox())));
  }

  /** The catalogue, the open patrols, and once a day the names of the division's villages. */
  protected override async refreshReference(): Promise<void> {
    await this.fetchQuietly(() => this.fetchCatalogue(this.told.value?.open.catalogue));
    await this.fetchQuietly(() => this.fetchNames());
    await this.fetchQuietly(async () => {
      const open = await ask<OpenPatrols>(this.fetch, '/patrols/open');
      this.told.value = { at: this.now().toISOString(), open };
      this.vault.setItem(PATROLS, JSON.stringify(this.told.value));
      await this.fetchCatalogue(open.catalogue);
    });
  }

  private async fetchNames(): Promise<void> {
    const now = this.now().getTime();
    if (this.kept.value && Math.abs(now - this.kept.value.readOn) < DAY_MS) return;
    const below = await Promise.all(
      this.account.divisions.map((code) => ask<Names['names']>(this.fetch, `/divisions/${code}/below`)),
    );
    this.kept.value = { readOn: now, names: Object.assign({}, ...below) };
    keep(this.namesKey, this.kept.value);
  }
}
