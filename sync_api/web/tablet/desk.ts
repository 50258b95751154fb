/** All that the pages of one logged-in user show: read from the store, and again whenever it changes. */
import { computed, type Ref, ref, type ShallowRef, shallowRef } from 'vue';
import {
  type Account,
  ask,
  type Catalogue,
  type DivisionView,
  type Indicator,
  type NoticeView,
  Refused,
} from '../shared/api';
import { lampTree } from '../shared/catalogue';
import type {
  Answer,
  CaseEvent,
  CaseStep,
  Inspection,
  LightsDocument,
  Omission,
  ReadingValue,
  Receipt,
  Report,
  Round,
  Sanction,
} from '../shared/documents';
import { databaseOf, eventId, levelOf } from '../shared/ids';
import { LoggedOut, type Session } from '../shared/session';
import { type CaseHere, caseOf, casesHere, clearedHere } from './cases';
import { oldestMonth } from './clearing';
import {
  beginSaving,
  type DraftKind,
  draftEvents,
  endSaving,
  isSaving,
  keptDraft,
  latePhotos,
  namedInDrafts,
  settleSaving,
} from './drafts';
import { newestFirst, type Said, saidOf } from './omissions';
import { type PaperHere, papersHere } from './papers';
import type { Part, PhotoToGo } from './parcel';
import { Photos } from './photos';
import type { ReportDraft } from './report';
import { askToKeep, FULL_FROM, storage } from './room';
import { type Outbox, type OwnEvent, Store, storesHere } from './store';
import { Synchroniser } from './sync';
import { Vault, WIPED_KEY } from './vault';

/** `settled`: refused, and an office has answered. */
export type WorkState = 'waiting' | 'sent' | 'refused' | 'settled';

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
  /** What it comes from: a round, a planned check, or another check. */
  how: 'round' | 'plan' | 'check';
}

/** Set while all that an account wrote here goes to an office: no tab of the browser takes anything new. */
const closingKey = (alias: string): string => `d110.closing.${alias}`;
/** In the vault: what was taken off to make room. */
const TAKEN_OFF = 'taken_off';
const CATALOGUE_KEY = 'd110.catalogue';
const REREAD_AFTER_MS = 60;

export class Desk {
  /** The village that this user reports on. */
  readonly village: string;
  readonly catalogue = shallowRef(kept<Catalogue>(CATALOGUE_KEY));
  readonly place: ShallowRef<DivisionView | undefined>;
  readonly lights = shallowRef<LightsDocument>();
  /** Own events, the newest first. */
  readonly work = shallowRef<WorkItem[]>([]);
  /** The village's open cases. */
  readonly cases = shallowRef<CaseHere[]>([]);
  /** Those cleared within half a year, for who works on the village's cases. */
  readonly cleared = shallowRef<CaseHere[]>([]);
  /** The indicators of the village's cases, of closed ones too. */
  readonly matters = shallowRef<ReadonlyMap<string, string>>(new Map());
  /** The papers addressed to the village. */
  readonly papers = shallowRef<PaperHere[]>([]);
  /** What offices said of this user's own reporting, and what followed. */
  readonly said = shallowRef<Said[]>([]);
  readonly sanctions = shallowRef<Sanction[]>([]);
  readonly readings = shallowRef<ReadonlyMap<string, Reading>>(new Map());
  readonly lastReceiptAt = ref<string>();
  /** When this tablet last heard all that the gateway had for it. */
  readonly seenAt: Ref<string | undefined>;
  readonly sync: Synchroniser;
  /** How much of what this page lets itself use is used. */
  readonly room = shallowRef<{ used: number; quota: number; share: number }>();
  /** Whether the browser has promised not to clear what lies here; undefined where it cannot be asked. */
  readonly isKept = ref<boolean>();
  /** What was taken off this tablet to make room, all in all, and up to which month. */
  readonly takenOff = shallowRef<{ count: number; month: string }>();

  readonly tree = computed(() => (this.catalogue.value ? lampTree(this.catalogue.value) : []));
  readonly isSimulated = computed(() => this.lights.value?.simulated === true);
  readonly tally = computed(() => {
    const count = (state: WorkState): number => this.work.value.filter((item) => item.state === state).length;
    const waiting = { waiting: count('waiting'), photos: this.photosToGo.value };
    return { total: this.work.value.length, held: count('sent'), refused: count('refused'), ...waiting };
  });

  /** What lies here damaged: documents, those of them that the gateway has not answered for, and texts of the vault. */
  readonly damaged = shallowRef({ documents: 0, unsent: 0, texts: 0 });

  /** Photos of own reports that the gateway does not have yet. */
  private readonly photosToGo = ref(0);
  readonly photos: Photos;
  /** What a tab that was killed left in the forms is settled; they may be shown. */
  readonly isSettled: Ref<boolean>;
  /** This device was shut off: forms are locked, and what was written goes to an office. */
  readonly isClosing = ref(false);
  protected readonly store: Store;
  /** What this user wrote here for other counties: before they moved, or where they work, too. */
  protected elsewhere: Store[] = [];
  private toGo: PhotoToGo[] = [];
  /** Own reports whose photos are still to go. */
  private withPhotos = new Set<string>();
  protected readonly fetch: typeof fetch;
  private readonly feeds = new Map<Store, PouchDB.Core.Changes<object>>();
  private readonly placeKey: string;
  private readonly seenKey: string;
  private rereading: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly session: Session,
    readonly account: Account,
    readonly vault: Vault,
  ) {
    this.village = account.divisions.find((code) => levelOf(code) === 'village') ?? '';
    this.placeKey = `d110.division.${this.village}`;
    this.seenKey = `d110.seen.${account.alias}`;
    this.place = shallowRef(kept<DivisionView>(this.placeKey));
    this.seenAt = ref(kept<string>(this.seenKey));
    this.takenOff.value = JSON.parse(vault.getItem(TAKEN_OFF) ?? 'null') ?? undefined;
    this.store = new Store(vault, databaseOf(this.village || (account.divisions[0] ?? '')));
    this.photos = new Photos(vault, session);
    this.fetch = session.fetchOf(account.alias);
    this.sync = new Synchroniser(
      this.store,
      session,
      account,
      () => this.elsewhere,
      () => this.photosToGo.value,
      () => this.synced(),
      () => this.handAllIn(),
      this.only,
    );
    this.isSettled = ref(!isSaving(vault));
    this.isClosing.value = localStorage.getItem(closingKey(account.alias)) !== null;
    addEventListener('storage', this.hear);
    this.watch(this.store);
  }

  /** Reads anew what another tab, or the gateway, puts into a store. */
  private watch(store: Store): void {
    const feed = store.db.changes({ live: true, since: 'now' }).on('change', () => {
      clearTimeout(this.rereading);
      this.rereading = setTimeout(() => void this.reread(), REREAD_AFTER_MS);
    });
    this.feeds.set(store, feed);
    store.reopened = () => {
      this.feeds.get(store)?.cancel();
      this.watch(store);
    };
  }

  /** What is asked for of a store, where that is less than all that this user may see. */
  protected get only(): ((store: Store) => Promise<string[]>) | undefined {
    return undefined;
  }

  /** Whether this user works in a store's county, which is not that of the first store. */
  protected isOwn(_: Store): boolean {
    return false;
  }

  /** The databases beside the first one that this tablet has a store of. */
  protected async databases(): Promise<string[]> {
    const { alias } = this.account;
    const held = await storesHere((one, database) => one === alias && database !== this.store.database);
    return held.map(({ database }) => database);
  }

  /** Where an event lies. */
  protected storeOf(_id: string): Store {
    return this.store;
  }

  /** The village of an event, where that is not the desk's. */
  placeOf(_: OwnEvent): string {
    return '';
  }

  indicatorOf(code: string): Indicator | undefined {
    return this.catalogue.value?.indicators.find((one) => one.code === code);
  }

  /** Rounds and steps of cases are a village administrator's; informants report. */
  get mayVisit(): boolean {
    return this.account.role === 'administrator';
  }

  async open(): Promise<void> {
    const isAlone = await this.enter();
    await this.store.prepare();
    // what people look at first, before all else is opened
    this.lights.value = await this.store.lights(this.village);
    this.elsewhere = (await this.databases()).map((database) => new Store(this.vault, database));
    for (const store of this.elsewhere) {
      await store.prepare();
      if (this.isOwn(store)) this.watch(store);
    }
    await settleSaving(this.vault, async (id) => (await this.storeOf(id).withRevisions([id])).length > 0);
    // before a form can add to either, or become an event
    const drafted = keptDraft<ReportDraft>(this.vault, 'report')?.photos ?? [];
    const lying = isAlone ? await this.photos.lying() : [];
    this.isSettled.value = true;
    for (const store of [this.store, ...this.elsewhere]) store.isNeeded = (id) => this.withPhotos.has(id);
    await this.photos.prepare();
    await this.photos.reread();
    await this.reread();
    // left by a tab that was killed; what is damaged may name any of them
    if (!this.isDamaged()) await this.dropPhotos(lying.filter((hash) => !drafted.includes(hash)));
    await this.lookAtRoom();
    addEventListener('appinstalled', this.askToKeep);
    void this.askToKeep();
    void this.refreshReference();
    this.sync.start();
  }

  private readonly askToKeep = async (): Promise<void> => {
    this.isKept.value = await askToKeep();
  };

  /** Whether no other tab has this user's forms open, where a photo may lie that no draft names yet. */
  private enter(): Promise<boolean> {
    const name = `d110.forms.${this.account.alias}`;
    const opened = new Promise<void>((resolve) => {
      this.leave = resolve;
    });
    return new Promise((resolve) => {
      const look = navigator.locks?.request(name, { ifAvailable: true }, (lock) => resolve(lock !== null));
      if (look) void look.then(() => navigator.locks.request(name, { mode: 'shared' }, () => opened));
      else resolve(false);
    });
  }
  private leave: () => void = () => {};

  close(): void {
    this.leave();
    removeEventListener('storage', this.hear);
    removeEventListener('appinstalled', this.askToKeep);
    this.rest();
  }

  private rest(): void {
    this.restFeeds();
    this.sync.stop();
    this.photos.stop();
  }

  private restFeeds(): void {
    clearTimeout(this.rereading);
    for (const feed of this.feeds.values()) feed.cancel();
  }

  /** Another tab hands all in, and wipes what this one would go on reading; when it is over this one begins anew. */
  private readonly hear = ({ key, newValue }: StorageEvent): void => {
    if (key !== closingKey(this.account.alias)) return;
    if (newValue === null) {
      location.reload();
      return;
    }
    this.isClosing.value = true;
    this.rest();
    // a database that is open in another tab cannot be taken away
    for (const store of [this.store, ...this.elsewhere]) void store.close();
    void this.photos.close();
  };

  async saveReport(
    observed: Date | undefined,
    body: Pick<Report, 'indicator' | 'severity' | 'text' | 'place' | 'photos'>,
    amends?: { first: string; observed_at: string },
  ): Promise<void> {
    const text = wellFormed(body.text);
    const place = body.place === undefined ? {} : { place: wellFormed(body.place) };
    const frame = this.frame('report', observed);
    // a correction is a new event that repeats the instant of what it corrects
    const correction = amends ? { amends: amends.first, observed_at: amends.observed_at } : {};
    await this.save({ type: 'report', ...frame, ...correction, channel: 'tablet', ...body, text, ...place });
  }

  async saveRound({ readings, text }: { readings: Round['readings']; text: string }): Promise<void> {
    const frame = this.frame('round', undefined);
    await this.save({ type: 'round', ...frame, channel: 'visit', readings, text: wellFormed(text) });
  }

  /** Records a step of a case as this village's. */
  async saveStep(identity: string, step: CaseStep, words: Pick<CaseEvent, 'text' | 'done'>): Promise<void> {
    const frame = this.frame('case', undefined, identity);
    const said = Object.fromEntries(Object.entries(words).map(([field, text]) => [field, wellFormed(text)]));
    const office = step === 'taken' || step === 'seen' ? { office: this.village } : {};
    const from = this.cases.value.find((one) => one.case === identity)?.severity;
    // one step graver than it was: a small matter goes to the township, any other to the county
    const graver =
      step === 'escalated' ? { severity: from === 'minor' ? ('general' as const) : ('major' as const) } : {};
    await this.save({ type: 'case', ...frame, author: this.account.alias, step, ...said, ...office, ...graver });
  }

  /** Says that a paper has come to this village. */
  async saveAcknowledgement(notice: string): Promise<void> {
    await this.save({ type: 'acknowledgement', ...this.frame('acknowledgement', undefined), notice });
  }

  /** Appeals against what was confirmed of this user. */
  async saveAppeal({ _id: about, finding }: Omission, text: string): Promise<void> {
    const frame = this.frame('omission', undefined);
    const said = { author: this.account.alias, finding, step: 'appealed', about, text: wellFormed(text) } as const;
    await this.save({ type: 'omission', ...frame, ...said });
  }

  now(): Date {
    return this.session.now();
  }

  /** All that the gateway has not. */
  async unsent(): Promise<Part> {
    const events = await Promise.all([this.store, ...this.elsewhere].map((store) => store.unsent()));
    return { events: events.flat(), photos: [...new Map(this.toGo.map((photo) => [photo.hash, photo])).values()] };
  }

  /** What parcels are sealed to, if this tablet has learnt it. */
  get parcelKey(): string | undefined {
    return this.session.parcelKey;
  }

  signed(text: (device: string) => Promise<string>): Promise<string> {
    return this.session.signed(this.account.alias, text);
  }

  protected async save(event: OwnEvent): Promise<void> {
    await beginSaving(this.vault, event);
    await this.storeOf(event._id).save(event);
    endSaving(this.vault);
    await this.reread();
    this.sync.wake();
    await this.lookAtRoom();
  }

  /** What was observed just now carries the very instant of saving. A time that a person gave is theirs; only beyond
   * now, as on a tablet whose clock runs ahead, it cannot lie. */
  protected frame(
    kind: DraftKind | 'acknowledgement',
    observed: Date | undefined,
    owner = this.account.alias,
    village = this.village,
  ) {
    const now = this.session.now();
    return {
      _id: eventId(village, kind, owner, now.getTime()),
      observed_at: (observed && observed < now ? observed : now).toISOString(),
      saved_at: now.toISOString(),
      clock_offset_ms: this.session.clockOffsetMs,
      app_version: __APP_VERSION__,
    };
  }

  /** Takes what an office has settled off this tablet; the office keeps it. */
  async putAway({ _id: id, ...event }: OwnEvent): Promise<void> {
    for (const store of [this.store, ...this.elsewhere]) await store.putAway(id);
    await this.reread();
    if (event.type === 'report') await this.dropPhotos(event.photos ?? []);
  }

  /** Takes photos off this tablet that a report, or a draft, names no more; another one may. */
  async dropPhotos(hashes: string[]): Promise<void> {
    const named = this.work.value.flatMap(({ event }) => (event.type === 'report' ? (event.photos ?? []) : []));
    const inForm = keptDraft<ReportDraft>(this.vault, 'report')?.photos ?? [];
    const kept = new Set([...named, ...inForm, ...latePhotos(this.vault)]);
    await this.photos.remove(hashes.filter((hash) => !kept.has(hash)));
  }

  /** An office has shut this device off, or closed the account: all that was written here, drafts too, goes to the
   * gateway, and then this device holds nothing of it any more. False while some of it is still to go there. */
  private async handAllIn(): Promise<boolean> {
    const { account, elsewhere, store } = this;
    const frame = (kind: DraftKind, owner?: string, village?: string) => this.frame(kind, undefined, owner, village);
    localStorage.setItem(closingKey(account.alias), 'yes');
    this.isClosing.value = true;
    for (const draft of draftEvents(this.vault, frame)) {
      await this.storeOf(draft.event._id).save(draft.event);
      draft.forget();
    }
    for (const one of [store, ...elsewhere]) await this.sync.handIn(await one.unsent(), one);
    await this.reread();
    if (!(await this.sendPhotos())) return false;
    this.restFeeds();
    for (const one of [...elsewhere, store]) if (!(await one.destroy())) return false;
    await this.wipe();
    return true;
  }

  private async lookAtRoom(): Promise<void> {
    const room = await storage();
    this.room.value = room && { ...room, share: room.used / room.quota };
    if (this.room.value && this.room.value.share >= FULL_FROM) await this.makeRoom();
  }

  /** Takes the oldest month off that the gateway holds and nothing here needs; the next sync looks again. */
  private async makeRoom(): Promise<void> {
    if (this.isDamaged()) return; // what is needed cannot be told
    const { refused, waiting } = await this.store.outbox();
    const isKept = (id: string): boolean => waiting.includes(id) || id in refused || this.withPhotos.has(id);
    const documents = await this.store.documents();
    const oldest = oldestMonth(documents, this.session.now(), isKept, namedInDrafts(this.vault));
    if (!oldest) return;
    await this.store.takeOff(oldest.ids);
    const count = (this.takenOff.value?.count ?? 0) + oldest.ids.filter((id) => !id.includes(':receipt:')).length;
    this.takenOff.value = { count, month: oldest.month };
    this.vault.setItem(TAKEN_OFF, JSON.stringify(this.takenOff.value));
  }

  private async wipe(): Promise<void> {
    const { alias } = this.account;
    // said while there is still a token to say it with; unheard, the office's page goes on showing it as not yet wiped
    const signature = await this.session.signed(alias, (device) => `wiped ${alias} ${device}`);
    await ask(this.fetch, '/devices/wiped', { signature }).catch((error: unknown) => {
      if (!(error instanceof Refused || error instanceof TypeError)) throw error;
    });
    this.close();
    await this.photos.destroy();
    localStorage.setItem(WIPED_KEY, alias);
    await this.session.forgetDevice(alias);
    await Vault.forget(alias);
    location.reload();
  }

  private async synced(): Promise<void> {
    this.seenAt.value = this.session.now().toISOString();
    keep(this.seenKey, this.seenAt.value);
    if (this.isClosing.value) {
      // the office has thought better of it
      localStorage.removeItem(closingKey(this.account.alias));
      this.isClosing.value = false;
    }
    await this.leaveBehind();
    await this.fetchPapers();
    await this.lookAtRoom();
    await this.reread();
    await this.refreshReference();
    void this.sendPhotos();
  }

  /** Fetches the papers that steps of the village's cases name and that do not lie here yet, or may be withdrawn. One that is still being
   * issued, or is not addressed to this village, is no paper to it; the next sync asks again. */
  private async fetchPapers(): Promise<void> {
    if (!this.mayVisit) return;
    const { store, village } = this;
    const held = (await store.papers()).filter((paper) => paper.village === village);
    const named = (await store.caseEvents(village)).flatMap(({ step, notice }) => (step === 'noticed' && notice) || []);
    // one that is being worked on may be withdrawn
    const open = new Set(this.cases.value.map((one) => one.case));
    const settled = held.filter((paper) => paper.withdrawn_at || !open.has(paper.case ?? '')).map(({ id }) => id);
    const come: NoticeView[] = [];
    for (const id of named.filter((one) => !settled.includes(one))) {
      try {
        come.push(await ask<NoticeView>(this.fetch, `/notices/${encodeURIComponent(id)}`));
      } catch (error) {
        if (!(error instanceof Refused || error instanceof TypeError || error instanceof LoggedOut)) throw error;
        console.warn('a paper has not come', id, error);
      }
    }
    const kept = held.filter(({ id }) => !come.some((paper) => paper.id === id));
    if (come.length) await store.keepPapers([...kept, ...come]);
  }

  /** What the office of a place has to say of what was written there stays; the rest of it is not this user's any more. */
  private async leaveBehind(): Promise<void> {
    for (const store of this.elsewhere.filter((one) => !this.isOwn(one) && !one.damaged.size)) {
      await store.dropOutside([]);
      if ((await store.leftElsewhere(this.village)).length || !(await store.destroy())) continue;
      this.elsewhere = this.elsewhere.filter((one) => one !== store);
    }
  }

  /** Photos go after their report; what does not get through now goes with the next sync. Whether all went that can. */
  private async sendPhotos(): Promise<boolean> {
    // those of a report that waits for an office, too
    const sent = this.work.value.filter(({ state }) => state !== 'waiting');
    try {
      await this.photos.send(
        sent.flatMap(({ event }) =>
          event.type === 'report' && event.photos ? [{ id: event._id, photos: event.photos }] : [],
        ),
      );
      return true;
    } catch (error) {
      if (!(error instanceof Refused || error instanceof TypeError || error instanceof LoggedOut)) throw error;
      console.warn('photos wait', error);
      return false;
    } finally {
      if (!this.isClosing.value) void this.reread();
    }
  }

  protected async reread(): Promise<void> {
    const { store, village } = this;
    const [events, receipts, answers, outbox, lights, carriers, reports, steps, omissions, sanctions, papers, words] =
      await Promise.all([
        store.ownEvents(village),
        store.receipts(village),
        store.answers(village),
        store.outbox(),
        store.lights(village),
        store.readings(village),
        store.reports(village),
        store.caseEvents(village),
        store.omissions(village),
        store.sanctions(village),
        store.papers(),
        store.acknowledgements(village),
      ]);
    const left = await Promise.all([store, ...this.elsewhere].map((one) => one.leftElsewhere(village)));
    const outboxes = [outbox, ...(await Promise.all(this.elsewhere.map((one) => one.outbox())))];
    this.said.value = saidOf(omissions, new Set(Object.keys(outbox.refused)));
    this.sanctions.value = newestFirst(sanctions);
    const place = { village, alias: this.account.alias };
    this.cases.value = casesHere(lights, [...reports, ...steps], new Set(outbox.waiting), place);
    this.cleared.value = this.mayVisit ? clearedHere(lights, [...reports, ...steps], new Set(outbox.waiting)) : [];
    this.matters.value = new Map(
      [...reports, ...steps].flatMap((event) => (event.indicator ? [[caseOf(event), event.indicator]] : [])),
    );
    const ofVillage = papers.filter((paper) => paper.village === village);
    this.papers.value = papersHere(ofVillage, words, outbox);
    const own = [...events, ...left.flat()];
    this.showWork(own, receipts, answers, outboxes);
    this.toGo = own.flatMap((event) =>
      event.type === 'report' && event.photos
        ? event.photos
            .filter((hash) => this.photos.isToGo(hash, event._id))
            .map((hash) => ({ report: event._id, hash }))
        : [],
    );
    this.withPhotos = new Set(this.toGo.map(({ report }) => report));
    this.photosToGo.value = new Set(this.toGo.map(({ hash }) => hash)).size;
    this.lights.value = lights;
    this.readings.value = latestReadings(carriers);
  }

  private isDamaged(): boolean {
    return [this.vault, this.store, ...this.elsewhere].some(({ damaged }) => damaged.size > 0);
  }

  private countDamaged(outboxes: Outbox[]): void {
    const ids = [this.store, ...this.elsewhere].flatMap(({ damaged }) => [...damaged]);
    const waiting = new Set(outboxes.flatMap((outbox) => outbox.waiting));
    const unsent = ids.filter((id) => waiting.has(id)).length;
    this.damaged.value = { documents: ids.length, unsent, texts: this.vault.damaged.size };
  }

  /** Own events with what became of them. */
  protected showWork(own: OwnEvent[], receipts: Receipt[], answers: Answer[], outboxes: Outbox[]): void {
    own.sort((a, b) => b.saved_at.localeCompare(a.saved_at));
    this.countDamaged(outboxes);
    const waiting = outboxes.flatMap((outbox) => outbox.waiting);
    const refused: Outbox['refused'] = Object.assign({}, ...outboxes.map((outbox) => outbox.refused));
    this.work.value = workItems(own, receipts, answers, { waiting, refused });
    this.lastReceiptAt.value = receipts
      .map(({ received_at }) => received_at)
      .sort()
      .at(-1);
  }

  /** What is needed to read documents: the catalogue that the lights were computed with, and what the village is called. */
  protected async refreshReference(): Promise<void> {
    const { lights, place } = this;
    await this.fetchQuietly(async () => {
      await this.fetchCatalogue(lights.value?.catalogue);
      if (place.value) return;
      place.value = await ask<DivisionView>(this.fetch, `/divisions/${this.village}`);
      keep(this.placeKey, place.value);
    });
  }

  /** The catalogue, unless it lies here in the version that is in force. */
  protected async fetchCatalogue(version: string | undefined): Promise<void> {
    const { catalogue } = this;
    if (catalogue.value && (!version || catalogue.value.version === version)) return;
    catalogue.value = await ask<Catalogue>(this.fetch, '/catalogue');
    keep(CATALOGUE_KEY, catalogue.value);
  }

  protected async fetchQuietly(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // no reason to call the sync itself a failure: the next round asks again
      if (!(error instanceof Refused || error instanceof TypeError || error instanceof LoggedOut)) throw error;
      console.warn('reference data not refreshed', error);
    }
  }
}

/** Half a character, as a cut emoji leaves it, is no text that can be sent. (`toWellFormed` asks for Chromium 111; the
 * pages are built for ES2022, Chromium 94.) */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\u{FFFD}');
}

/** What became of each own event. A receipt outweighs a refusal: the office may release what was quarantined. */
function workItems(events: OwnEvent[], receipts: Receipt[], answers: Answer[], outbox: Outbox): WorkItem[] {
  const received = new Map(receipts.flatMap(({ ids, received_at }) => ids.map((id) => [id, received_at] as const)));
  const waiting = new Set(outbox.waiting);
  return events.map((event) => {
    const receivedAt = received.get(event._id);
    const reason = receivedAt === undefined ? outbox.refused[event._id] : undefined;
    const isWaiting = receivedAt === undefined && waiting.has(event._id);
    const words = answers.filter(({ about }) => about === event._id).map(({ text }) => text);
    const refused = words.length ? 'settled' : 'refused';
    return {
      event,
      state: reason !== undefined ? refused : isWaiting ? 'waiting' : 'sent',
      receivedAt,
      reason,
      answers: words,
    };
  });
}

/** The latest reading of each indicator by when it was observed, as `models/readings.py` folds them. */
function latestReadings(carriers: (Round | Inspection)[]) {
  const latest = new Map<string, Reading & { id: string }>();
  for (const carrier of carriers) {
    const { _id: id, observed_at: observedAt } = carrier;
    const how = carrier.type === 'round' ? 'round' : carrier.is_planned ? 'plan' : 'check';
    for (const [code, value] of Object.entries(carrier.readings ?? {})) {
      const held = latest.get(code);
      const order = held ? Date.parse(observedAt) - Date.parse(held.observedAt) || id.localeCompare(held.id) : 1;
      if (order > 0) latest.set(code, { value, observedAt, how, id });
    }
  }
  return latest;
}

export function kept<T>(key: string): T | undefined {
  const text = localStorage.getItem(key);
  return text === null ? undefined : (JSON.parse(text) as T);
}
export function keep(key: string, value: unknown): void {
  localStorage.setItem(key, JSON.stringify(value));
}
