/**
 * What the gateway has not, as files that only it can open: carried to the station by whatever way there is. Sealed to the
 * gateway's public key, which came with the log-in, and signed by this device's own (`sync_api/parcels/sealing.py` says
 * how it lies in a file). All of it stays here until its receipt has come.
 */
import { fromBase64 } from '../shared/base64';
import type { Desk } from './desk';
import type { OwnEvent } from './store';
import type { Vault } from './vault';

/** A file that an office's page and a slow stick still take well. */
const PART_BYTES_MAX = 20_000_000;
const MAGIC = new TextEncoder().encode('D110-P1\n');
const KEY_ID_BYTES = 8;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HANDED_OVER = 'handed_over';

/** A photo that the gateway has not, and the report that it is of. */
export interface PhotoToGo {
  report: string;
  hash: string;
}
/** What goes into one file. */
export interface Part {
  events: OwnEvent[];
  photos: PhotoToGo[];
}

/** Parts it so that each file is whole by itself: a report and its photos go together. `sizeOf`: bytes of a photo. */
export async function partsOf({ events, photos }: Part, sizeOf: (hash: string) => Promise<number>): Promise<Part[]> {
  const parts: Part[] = [{ events: [], photos: [] }];
  let room = PART_BYTES_MAX;
  const written = new Map(events.map((event) => [event._id, event]));
  // reports that are there already come with their photos alone
  const reports = new Set([...written.keys(), ...photos.map(({ report }) => report)]);
  for (const id of reports) {
    const event = written.get(id);
    const own = photos.filter(({ report }) => report === id);
    let bytes = event ? JSON.stringify(event).length : 0;
    for (const { hash } of own) bytes += await sizeOf(hash);
    if (bytes > room && room < PART_BYTES_MAX) {
      parts.push({ events: [], photos: [] });
      room = PART_BYTES_MAX;
    }
    if (event) parts.at(-1)?.events.push(event);
    parts.at(-1)?.photos.push(...own);
    room -= bytes;
  }
  return parts;
}

/** One file. `key`: the gateway's, as it came with the log-in. */
export async function sealedParcel(
  desk: Desk,
  key: string,
  part: Part,
  number = 1,
  count = 1,
): Promise<Uint8Array<ArrayBuffer>> {
  const point = fromBase64(key);
  const keyId = new Uint8Array(await crypto.subtle.digest('SHA-256', point)).subarray(0, KEY_ID_BYTES);
  const pictures = await Promise.all(part.photos.map(({ hash }) => desk.photos.photo(hash)));
  const photos = part.photos.map(({ report, hash }, at) => ({ report, sha256: hash, bytes: pictures[at]?.size }));
  const { alias } = desk.account;
  const made_at = desk.now().toISOString();
  const docs = part.events;
  let said: Uint8Array<ArrayBuffer> = new Uint8Array();
  const signature = await desk.signed(async (device) => {
    const head = await zipped(JSON.stringify({ alias, device, made_at, docs, photos, part: number, parts: count }));
    said = await joined([bigEndian(head.length), head, ...pictures]);
    return `parcel ${hex(keyId)} ${hex(new Uint8Array(await crypto.subtle.digest('SHA-256', said)))}`;
  });
  const content = await joined([new TextEncoder().encode(signature), said]);
  const ephemeral = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']);
  const own = new Uint8Array(await crypto.subtle.exportKey('raw', ephemeral.publicKey));
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const header = await joined([MAGIC, keyId, bigEndian(content.length + TAG_BYTES), own, iv]);
  const sealing = { name: 'AES-GCM', iv, additionalData: header };
  return joined([header, await crypto.subtle.encrypt(sealing, await keyOf(ephemeral.privateKey, point), content)]);
}

async function keyOf(own: CryptoKey, point: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const theirs = await crypto.subtle.importKey('raw', point, { name: 'ECDH', namedCurve: 'P-256' }, false, []);
  const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, own, 256);
  const secret = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
  const how = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: new TextEncoder().encode('d110 parcel') };
  return crypto.subtle.deriveKey(how, secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt']);
}

async function joined(parts: BlobPart[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

async function zipped(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function bigEndian(count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, count);
  return bytes;
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** When what was handed over, by event; some of it may have arrived since. */
export function handedOver(vault: Vault): Record<string, string> {
  return JSON.parse(vault.getItem(HANDED_OVER) ?? '{}') as Record<string, string>;
}

/** Notes that events were handed over; of all others only what still waits is remembered. */
export function noteHandedOver(desk: Desk, events: OwnEvent[]): void {
  const waiting = new Set(desk.work.value.filter(({ state }) => state === 'waiting').map(({ event }) => event._id));
  const before = Object.entries(handedOver(desk.vault)).filter(([id]) => waiting.has(id));
  const now = events.map(({ _id }) => [_id, desk.now().toISOString()] as const);
  desk.vault.setItem(HANDED_OVER, JSON.stringify(Object.fromEntries([...before, ...now])));
}
