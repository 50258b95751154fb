/**
 * What this browser is to an account: a device name, and a key whose private half cannot be taken out of the browser.
 * Both lie in IndexedDB, so they are there or gone together. Each account has its own: a station's tablet may serve two.
 */
import { Table } from './table';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** `keys` is unset where the page was opened without https on a bare address: such a browser offers no keys. */
export interface Identity {
  device: string;
  keys?: CryptoKeyPair;
}
/** By which people tell one tablet from another, here and at the station: the last signs of its device name. */
export const deviceMark = (device: string): string => device.slice(-4);

const identities = new Table<Identity>('d110-identity', 'identities');

/** The public half of a key, as the gateway takes it. */
export interface PublicKey {
  kty: string;
  crv: string;
  x: string;
  y: string;
}

/** The account's identity on this browser, made when first asked for. */
export async function identityOf(alias: string): Promise<Identity> {
  const kept = await identities.get(alias);
  if (kept && (kept.keys || !canSign())) return kept;
  const made = await makeIdentity();
  await identities.add(alias, made);
  return (await identities.get(alias)) ?? made;
}

export async function forgetIdentity(alias: string): Promise<void> {
  await identities.delete(alias);
}

/** Only a page that came by https (or from this machine) can sign, and name a photo by its content. */
export function canSign(): boolean {
  return globalThis.crypto?.subtle !== undefined;
}

export async function publicKey({ keys }: Identity): Promise<PublicKey | undefined> {
  if (!keys) return undefined;
  const { kty = '', crv = '', x = '', y = '' } = await crypto.subtle.exportKey('jwk', keys.publicKey);
  return { kty, crv, x, y };
}

/** The key's signature of a text, base64url. */
export async function sign(keys: CryptoKeyPair, text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const signed = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, keys.privateKey, bytes);
  const binary = String.fromCharCode(...new Uint8Array(signed));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

async function makeIdentity(): Promise<Identity> {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  const device = `t${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  return canSign()
    ? { device, keys: await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']) }
    : { device };
}
