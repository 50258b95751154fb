/** A log-in that lasts: kept over reloads and days without a network, renewed when the gateway asks for it. */
import { ref, shallowRef } from 'vue';
import { type Account, ask, Refused, type Tokens } from './api';
import { forgetIdentity, identityOf, publicKey, sign } from './identity';
import { type Keeping, Passing } from './keeping';

const CLOCK_KEY = 'd110.clock_offset_ms';
const SERVED_KEY = 'd110.served_at';
/** On a slow line a clock is measured seconds beside; what is said to have gone back went further. */
const BACK_MS = 120_000;
/** So far a measurement may be beside the one before it. */
const STEP_MS = 5_000;
/** A clock drifts, or is set: what was measured so long ago gives way to whatever comes. */
const MEASURE_AGAIN_MS = 300_000;
const CLOCK_SET_MS = 1_000;

/** Another account has logged in, or this one out: what was to be sent is not sent as somebody else's. */
export class LoggedOut extends Error {}

const CLOSED = { status: 401, code: 'account_closed', detail: 'This account is closed.', detail_zh: '该账号已停用。' };

export class Session {
  readonly account = shallowRef<Account>();
  /** Set when the gateway no longer takes the kept log-in: work stays here, but sending needs the password again. */
  readonly hasLapsed = ref(false);
  /** Server minus tablet in ms, as last measured from an answer's Date; kept, since the next start may be offline. */
  clockOffsetMs = Number(localStorage.getItem(CLOCK_KEY) ?? 0);
  /** When the gateway answered last, by its own time: it is no earlier now, whatever the tablet's clock says. */
  private served = { at: Number(localStorage.getItem(SERVED_KEY) ?? 0), mark: performance.now() };
  private latest = 0;
  /** The exchange by which the clock was measured: how long it took, when, and where the tablet's clock stood then. */
  private measured = { tookMs: Number.POSITIVE_INFINITY, at: 0, clock: 0 };
  private renewal: Promise<boolean> | undefined;

  /** `name` keeps the log-ins of the tablet and of the board on one machine apart; `keeping`: where. */
  constructor(
    private readonly name: string,
    private keeping: Keeping = localStorage,
  ) {
    this.account.value = this.kept()?.account;
    // a log-in or a log-out in another tab is one here, too
    addEventListener('storage', ({ key }) => (key === this.key || key === null) && this.hear());
  }

  /** Another tab has changed what is kept. */
  hear(): void {
    this.account.value = this.kept()?.account;
  }

  /** Keeps the log-in somewhere else from now on: the one of this moment, or the one that lies there. */
  keepIn(keeping: Keeping): void {
    const tokens = this.keeping.getItem(this.key);
    this.keeping = keeping;
    if (tokens !== null) keeping.setItem(this.key, tokens);
    this.hear();
  }

  /** Knows of no log-in any more; where it was kept it stays. */
  rest(): void {
    this.keeping = new Passing();
    this.hasLapsed.value = false;
    this.hear();
  }

  /** Throws `Refused` (wrong password, too many tries) or `TypeError` (no network). */
  async logIn(alias: string, password: string): Promise<void> {
    const identity = await identityOf(alias);
    const key = (await publicKey(identity)) ?? null;
    const body = { alias, password, device: identity.device, key, cookie: this.hasCookie };
    const tokens = await ask<Tokens>(this.sendOpenly, '/auth/login', body);
    // such a log-in serves for handing in what a tablet holds, and for nothing else
    if (tokens.is_closed && this.name !== 'tablet') throw new Refused(CLOSED);
    this.keep(tokens);
  }

  /** Redeems a one-time code for a log-in. Only where the browser holds keys. Throws as `logIn` does. */
  async enrol(alias: string, code: string): Promise<void> {
    const identity = await identityOf(alias);
    const body = { code, device: identity.device, key: await publicKey(identity) };
    this.keep(await ask<Tokens>(this.sendOpenly, '/auth/enrol', body));
  }

  /** The board's pictures and streams are asked for by a cookie; a tablet beside it in one browser must not take its
   * place. */
  private get hasCookie(): boolean {
    return this.name === 'board';
  }

  /** Forgets the log-in here at once, and tells the gateway if it can be reached. */
  async logOut(): Promise<void> {
    const farewell = this.hasCookie ? ask(this.fetch, '/auth/logout', {}) : Promise.resolve();
    this.keeping.removeItem(this.key);
    this.account.value = undefined;
    await farewell.catch((error: unknown) => {
      if (!(error instanceof Refused || error instanceof TypeError)) throw error;
    });
  }

  /** What this browser signs with the account's key; empty where it holds none. */
  async signed(alias: string, text: (device: string) => string | Promise<string>): Promise<string> {
    const { device, keys } = await identityOf(alias);
    return keys ? sign(keys, await text(device)) : '';
  }

  /** What parcels are sealed to; unset until the gateway has answered a log-in or a renewal. */
  get parcelKey(): string | undefined {
    return this.kept()?.parcel_key;
  }

  /** Forgets the log-in, and what this browser is to the account: one that was shut off comes back as a new device. */
  async forgetDevice(alias: string): Promise<void> {
    await forgetIdentity(alias);
    this.keeping.removeItem(this.key);
    this.account.value = undefined;
  }

  /** `fetch` with the access token; a lapsed token is renewed once and the request sent again. */
  readonly fetch: typeof fetch = (input, init = {}) => this.fetchWith(() => this.kept()?.access_token, input, init);

  /** The same for one account's work. Throws `LoggedOut` where another one, or nobody, is logged in by then. */
  fetchOf(alias: string): typeof fetch {
    return async (input, init = {}) => this.fetchWith(() => this.tokenOf(alias), input, init);
  }

  private async fetchWith(token: () => string | undefined, input: RequestInfo | URL, init: RequestInit) {
    const used = token();
    const response = await this.send(input, init, used);
    if (response.status !== 401 || used === undefined) return response;
    return (await this.renew(used)) ? this.send(input, init, token()) : response;
  }

  private readonly sendOpenly: typeof fetch = (input, init = {}) => this.send(input, init, undefined);

  private async send(input: RequestInfo | URL, init: RequestInit, token: string | undefined): Promise<Response> {
    const headers = new Headers(init.headers);
    if (token) headers.set('Authorization', `Bearer ${token}`);
    const before = performance.now();
    const response = await fetch(input, { ...init, headers });
    const served = Date.parse(response.headers.get('Date') ?? '');
    if (!Number.isNaN(served)) this.measure(served, performance.now() - before);
    return response;
  }

  /** On a slow line an answer may have been made at any moment of the exchange: the quickest one tells best, until it is
   * old or the tablet's clock was set. */
  private measure(served: number, tookMs: number): void {
    const at = performance.now();
    if (served > this.served.at) {
      this.served = { at: served, mark: at };
      localStorage.setItem(SERVED_KEY, String(served));
    }
    const clock = Date.now() - at;
    const { measured } = this;
    const isOld = at - measured.at > MEASURE_AGAIN_MS || Math.abs(clock - measured.clock) > CLOCK_SET_MS;
    if (tookMs > measured.tookMs && !isOld) return;
    this.measured = { tookMs, at, clock };
    // the header counts whole seconds: half of one is the fairest guess
    this.clockOffsetMs = Math.round(served + 500 - (Date.now() - tookMs / 2));
    localStorage.setItem(CLOCK_KEY, String(this.clockOffsetMs));
  }

  /** The access token of an account, as last renewed. Throws `LoggedOut`. */
  tokenOf(alias: string): string {
    const kept = this.kept();
    if (kept?.account.alias !== alias) throw new LoggedOut(alias);
    return kept.access_token;
  }

  /** The account as the gateway has it now: its area may have changed. */
  async reread(): Promise<void> {
    const account = await ask<Account>(this.fetch, '/auth/me');
    const tokens = this.kept();
    if (tokens) this.keep({ ...tokens, account });
  }

  /** The time as the gateway has it, as far as this tablet knows. */
  now(): Date {
    const known = Math.max(this.clock(), this.served.at + performance.now() - this.served.mark);
    // measured anew it may step back a little, but what is written later is later
    const isStep = known <= this.latest && this.latest - known < STEP_MS;
    this.latest = isStep ? this.latest + 1 : known;
    return new Date(this.latest);
  }

  /** Whether the tablet's clock went back behind what the gateway said: when that was; undefined if not. */
  wentBack(): Date | undefined {
    return this.clock() < this.served.at - BACK_MS ? new Date(this.served.at) : undefined;
  }

  private clock(): number {
    return Date.now() + this.clockOffsetMs;
  }

  /** Renews the token that was `used`, unless another tab did so meanwhile. False: the password is needed again. */
  private renew(used: string): Promise<boolean> {
    this.renewal ??= withLock(`${this.key}.renewal`, async () => {
      await this.keeping.fresh?.(this.key);
      const kept = this.kept();
      if (!kept) return false;
      if (kept.access_token !== used) return true;
      try {
        const { keys } = await identityOf(kept.account.alias);
        const { refresh_token } = kept;
        if (!keys || refresh_token === null) {
          this.hasLapsed.value = true;
          return false;
        }
        const signature = await sign(keys, refresh_token);
        const body = { refresh_token, signature, cookie: this.hasCookie };
        this.keep(await ask<Tokens>(fetch, '/auth/refresh', body));
        await this.keeping.settled?.();
        return true;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (error.problem.status === 401 || error.problem.status === 403) this.hasLapsed.value = true;
        return false;
      }
    }).finally(() => {
      this.renewal = undefined;
    });
    return this.renewal;
  }

  private get key(): string {
    return `d110.${this.name}.session`;
  }

  private kept(): Tokens | undefined {
    const text = this.keeping.getItem(this.key);
    return text === null ? undefined : (JSON.parse(text) as Tokens);
  }

  private keep(tokens: Tokens): void {
    this.keeping.setItem(this.key, JSON.stringify(tokens));
    this.account.value = tokens.account;
    this.hasLapsed.value = false;
  }
}

/** Runs `work` in one tab at a time. Where the browser has no locks (plain http on a bare address) it simply runs. */
export function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  return navigator.locks ? (navigator.locks.request(name, work) as Promise<T>) : work();
}
