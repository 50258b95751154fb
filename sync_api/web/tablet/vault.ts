/**
 * What one person keeps on this tablet, sealed: documents, photos, drafts and the log-in lie here as AES-GCM under a key
 * of their own. Their PIN opens it together with a key that cannot be taken out of this browser, so that a copy of the
 * storage is no use to anybody. A lost PIN opens nothing; whoever forgot it is enrolled anew.
 */
import { shallowReactive } from 'vue';
import { fromBase64, toBase64 } from '../shared/base64';
import type { Keeping } from '../shared/keeping';
import { withLock } from '../shared/session';
import { Table } from '../shared/table';

export const PIN_DIGITS_MIN = 6;
export const PIN_DIGITS_MAX = 12;
/** As much as a cheap tablet does in a third of a second: the key of the browser is what a copy of the storage lacks. */
const ROUNDS = 300_000;
const IV_BYTES = 12;
/** So many wrong PINs are free; after each further one the next must wait, twice as long each time. */
const TRIES_FREE = 5;
const HOLD_MS_MIN = 30_000;
const HOLD_MS_MAX = 3_600_000;
/** Set whenever somebody has come to this tablet or left it: every other tab hears it. */
export const PEOPLE_KEY = 'd110.people_at';
/** Set after a device was shut off and wiped, for the log-in page to say so. */
export const WIPED_KEY = 'd110.wiped';
/** Where a former version of the page kept a log-in and drafts, as they were. */
const OPEN_SESSION = 'd110.tablet.session';
const openDraft = (alias: string): string => `d110.draft.${alias}.`;

interface Lockbox {
  salt: Uint8Array<ArrayBuffer>;
  rounds: number;
  /** Of this browser; it signs, and is never told. */
  device: CryptoKey;
  iv: Uint8Array<ArrayBuffer>;
  wrapped: ArrayBuffer;
  tries: number;
  heldUntil: number;
}
const lockboxes = new Table<Lockbox>('d110-vaults', 'lockboxes');

/** A sealed text as it lies in localStorage: `12:` and the text, or nothing after the colon once it was put away. The
 * number says which of two is the later one. */
interface Copy {
  key: string;
  text: string;
}
/** localStorage has a text before the page can be left, but a browser takes it to its disk seconds later; this is on the
 * disk at once, but waited for. So each has what the other would lose. */
const copies = new Table<Copy>('d110-copies', 'copies');

/** `until`: when the next PIN may be tried, if not at once. */
export class WrongPin extends Error {
  constructor(readonly until: number | undefined) {
    super('wrong PIN');
  }
}

/** What lies here sealed is damaged: it opens no more. */
export class Damaged extends Error {}

/** Digits that nobody guesses first: long enough, and no row such as 111111 or 345678. */
export function isGoodPin(pin: string): boolean {
  if (!/^\d+$/.test(pin) || pin.length < PIN_DIGITS_MIN || pin.length > PIN_DIGITS_MAX) return false;
  const steps = new Set(Array.from(pin.slice(1), (digit, at) => Number(digit) - Number(pin[at])));
  return steps.size > 1 || ![0, 1, -1].includes([...steps][0] ?? 0);
}

/** The people who have something on this tablet, by alias. */
export const peopleHere = (): Promise<string[]> => lockboxes.keys();

export class Vault implements Keeping {
  /** Called when another tab has changed a text. */
  heard: (name: string) => void = () => {};
  /** Pages see when something is kept or gone. */
  private readonly texts = shallowReactive(new Map<string, string>());
  /** The names of texts that lie here damaged. */
  readonly damaged = new Set<string>();
  private readonly unsealed = new Set<string>();
  private sealing: Promise<void> | undefined;
  private readonly closed = new AbortController();

  private constructor(
    readonly alias: string,
    private readonly key: CryptoKey,
  ) {}

  /** A vault of a person who has none here yet. */
  static async make(alias: string, pin: string): Promise<Vault> {
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt']);
    const device = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const wrapped = await crypto.subtle.wrapKey(
      'raw',
      key,
      await wrapping(pin, salt, ROUNDS, device),
      sealingOf(alias, iv),
    );
    await lockboxes.add(alias, { salt, rounds: ROUNDS, device, iv, wrapped, tries: 0, heldUntil: 0 });
    const vault = await Vault.open(alias, pin); // of two tabs that make one the first one's stays
    await vault.takeDrafts();
    localStorage.setItem(PEOPLE_KEY, String(Date.now()));
    return vault;
  }

  /** The log-in that a former version of the page left here as it is. */
  static openSession(): string | null {
    return localStorage.getItem(OPEN_SESSION);
  }

  /** Seals what a former version left, and takes it away only then. */
  private async takeDrafts(): Promise<void> {
    const start = openDraft(this.alias);
    const drafts = Object.keys(localStorage).filter((key) => key.startsWith(start));
    for (const key of drafts) this.setItem(`draft.${key.slice(start.length)}`, localStorage.getItem(key) ?? '');
    await this.settled();
    for (const key of drafts) localStorage.removeItem(key);
  }

  /** Takes a log-in away that a former version left, once it is sealed here. */
  async forgetOpenSession(): Promise<void> {
    const left = JSON.parse(Vault.openSession() ?? 'null') as { account: { alias: string } } | null;
    if (left?.account.alias !== this.alias) return;
    await this.settled();
    localStorage.removeItem(OPEN_SESSION);
  }

  /** Throws `WrongPin`. */
  static open(alias: string, pin: string): Promise<Vault> {
    return withLock(`d110.vault.${alias}`, async () => {
      const box = await lockboxes.get(alias);
      if (!box) throw new WrongPin(undefined);
      const now = Date.now();
      // a clock that was set back holds nobody for longer than it would have
      const held = Math.min(box.heldUntil, now + HOLD_MS_MAX);
      if (held > now) throw new WrongPin(held);
      // counted before it is tried: a tab that is killed in between has tried
      const tries = box.tries + 1;
      const over = tries - TRIES_FREE;
      const heldUntil = over < 0 ? 0 : now + Math.min(HOLD_MS_MIN * 2 ** over, HOLD_MS_MAX);
      await lockboxes.put(alias, { ...box, tries, heldUntil });
      const key = await unwrapped(alias, pin, box);
      if (!key) throw new WrongPin(heldUntil || undefined);
      await lockboxes.put(alias, { ...box, tries: 0, heldUntil: 0 });
      const vault = new Vault(alias, key);
      await vault.readAll();
      return vault;
    });
  }

  /** Takes the key away, and whatever lies in localStorage of this person: what others wrote on a shared tablet, and have
   * not sent, is not touched. */
  static async forget(alias: string): Promise<void> {
    await lockboxes.delete(alias);
    for (const key of Object.keys(localStorage)) {
      if (key.split('.').includes(alias)) localStorage.removeItem(key);
    }
    const start = keyOf(alias, '');
    for (const key of await copies.keys()) if (key.startsWith(start)) await copies.delete(key);
    localStorage.setItem(PEOPLE_KEY, String(Date.now()));
  }

  /** From now on it hears nothing any more; what was to be sealed is. */
  async close(): Promise<void> {
    this.closed.abort();
    await this.settled();
  }

  /** Bytes under a name, which they can be read by alone. */
  async seal(name: string, bytes: BufferSource): Promise<Uint8Array<ArrayBuffer>> {
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const sealed = await crypto.subtle.encrypt(sealingOf(name, iv), this.key, bytes);
    const whole = new Uint8Array(IV_BYTES + sealed.byteLength);
    whole.set(iv);
    whole.set(new Uint8Array(sealed), IV_BYTES);
    return whole;
  }

  /** Throws `Damaged`, also for what lies under another name. */
  unseal(name: string, sealed: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
    const iv = sealed.subarray(0, IV_BYTES);
    return crypto.subtle.decrypt(sealingOf(name, iv), this.key, sealed.subarray(IV_BYTES)).catch(asDamaged(name));
  }

  async sealJson(name: string, value: unknown): Promise<string> {
    return toBase64(await this.seal(name, new TextEncoder().encode(JSON.stringify(value))));
  }

  async unsealJson<T>(name: string, sealed: string): Promise<T> {
    const bytes = await Promise.resolve(sealed).then(fromBase64).catch(asDamaged(name));
    return JSON.parse(new TextDecoder().decode(await this.unseal(name, bytes))) as T;
  }

  getItem(name: string): string | null {
    return this.texts.get(name) ?? null;
  }

  /** There at once for this tab, and sealed in the browser some milliseconds later. */
  setItem(name: string, text: string): void {
    this.texts.set(name, text);
    this.isToBeKept(name);
  }

  removeItem(name: string): void {
    if (!this.texts.delete(name)) return;
    putNext(keyOf(this.alias, name), '');
    this.isToBeKept(name);
  }

  private isToBeKept(name: string): void {
    this.unsealed.add(name);
    this.sealing ??= this.sealTexts().finally(() => {
      this.sealing = undefined;
    });
  }

  names(): string[] {
    return [...this.texts.keys()];
  }

  async settled(): Promise<void> {
    while (this.sealing) await this.sealing;
  }

  async fresh(name: string): Promise<void> {
    await this.settled();
    const sealed = partsOf(localStorage.getItem(keyOf(this.alias, name))).text;
    this.damaged.delete(name);
    if (sealed === '') this.texts.delete(name);
    else await this.unsealText(name, sealed);
  }

  /** What is damaged stays where it is, until something else is written under its name. */
  private async unsealText(name: string, sealed: string): Promise<void> {
    try {
      this.texts.set(name, await this.unsealJson<string>(keyOf(this.alias, name), sealed));
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      this.damaged.add(name);
      console.warn('damaged', name);
    }
  }

  private async readAll(): Promise<void> {
    const start = keyOf(this.alias, '');
    for (const { key, text } of await copies.all()) {
      const isLater = partsOf(text).number > partsOf(localStorage.getItem(key)).number;
      if (key.startsWith(start) && isLater) localStorage.setItem(key, text); // the browser was killed
    }
    for (const key of keysOf(this.alias)) await this.fresh(key.slice(start.length));
    const { signal } = this.closed;
    addEventListener('storage', ({ key }) => key?.startsWith(start) && void this.hear(key.slice(start.length)), {
      signal,
    });
  }

  private async hear(name: string): Promise<void> {
    await this.fresh(name);
    this.heard(name);
  }

  private async sealTexts(): Promise<void> {
    for (const name of this.unsealed) {
      this.unsealed.delete(name);
      const text = this.texts.get(name);
      const key = keyOf(this.alias, name);
      if (text !== undefined) {
        const sealed = await this.sealJson(key, text);
        if (this.texts.get(name) !== text) continue; // written on meanwhile, or put away
        putNext(key, sealed);
      }
      await copies.put(key, { key, text: localStorage.getItem(key) ?? '' }).catch((error: unknown) => {
        if ((error as DOMException).name !== 'QuotaExceededError') throw error; // no room: localStorage has it
      });
    }
  }
}

const keyOf = (alias: string, name: string): string => `d110.sealed.${alias}.${name}`;
const keysOf = (alias: string): string[] => Object.keys(localStorage).filter((key) => key.startsWith(keyOf(alias, '')));

function partsOf(text: string | null): { number: number; text: string } {
  const [, number = '0', rest = text ?? ''] = /^(\d+):(.*)$/s.exec(text ?? '') ?? []; // a former version had no numbers
  return { number: Number(number), text: rest };
}

function putNext(key: string, sealed: string): void {
  localStorage.setItem(key, `${partsOf(localStorage.getItem(key)).number + 1}:${sealed}`);
}

const sealingOf = (name: string, iv: Uint8Array<ArrayBuffer>): AesGcmParams => ({
  name: 'AES-GCM',
  iv,
  additionalData: new TextEncoder().encode(name),
});

/** What the browser says of bytes that were changed, and of text that is no base64. */
function asDamaged(name: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof DOMException ? new Damaged(name) : error;
  };
}

/** The key that wraps a person's: of their PIN, and of this browser. */
async function wrapping(
  pin: string,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
  device: CryptoKey,
): Promise<CryptoKey> {
  const digits = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin), 'PBKDF2', false, ['deriveBits']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
  const stretched = await crypto.subtle.deriveBits(how, digits, 256);
  const bound = await crypto.subtle.sign('HMAC', device, stretched);
  return crypto.subtle.importKey('raw', bound, 'AES-GCM', false, ['wrapKey', 'unwrapKey']);
}

/** A person's key, which cannot be taken out; undefined where the PIN is another. */
async function unwrapped(alias: string, pin: string, box: Lockbox): Promise<CryptoKey | undefined> {
  const by = await wrapping(pin, box.salt, box.rounds, box.device);
  const uses: KeyUsage[] = ['encrypt', 'decrypt'];
  try {
    return await crypto.subtle.unwrapKey('raw', box.wrapped, by, sealingOf(alias, box.iv), 'AES-GCM', false, uses);
  } catch (error) {
    if ((error as DOMException).name !== 'OperationError') throw error;
    return undefined;
  }
}
