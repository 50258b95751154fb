/** Why something did not succeed, for people: the gateway says it in Chinese and in English, and one half is shown. */
import { Refused } from './api';

/** The gateway's word in both languages, or the name of a sentence of the pages' own (`failure` in messages.ts).
 * `isFinal`: it will say the same again. */
export type Failure =
  | { zh: string; en: string; isFinal?: boolean }
  | 'no_network'
  | 'storage_full'
  | 'damaged_here'
  | 'unexplained';

/** Asked again, the same question gets the same answer; a log-in (401) may be renewed, a gateway (5xx) may recover. */
const FINAL = [400, 403, 404, 409, 410, 422];

export function isFinal(failure: Failure | undefined): boolean {
  return typeof failure === 'object' && failure.isFinal === true;
}

const HAN = /\p{Script=Han}/u;

/** A reason as `/db` gives it, "中文 / English". A text of any other shape (a parser's, a proxy's) explains nothing. */
export function failureIn(reason: string | undefined): Failure {
  const [zh = '', ...en] = (reason ?? '').split(' / ');
  return HAN.test(zh) && en.length ? { zh, en: en.join(' / ') } : 'unexplained';
}

/** What was thrown: `Refused` by the gateway, `TypeError` where there is no network, or anything else. */
export function failureOf(error: unknown): Failure {
  if (error instanceof TypeError) return 'no_network';
  if (!(error instanceof Refused)) return failureIn((error as { reason?: string }).reason);
  const { detail, detail_zh, reason, status } = error.problem;
  if (detail === undefined || detail_zh === undefined) return failureIn(reason);
  return { zh: detail_zh, en: detail, isFinal: FINAL.includes(status) };
}
