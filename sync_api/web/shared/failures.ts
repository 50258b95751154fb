/** Why something did not succeed, for people: the gateway says it in Chinese and in English, and one half is shown. */
import { Refused } from './api';

/** The gateway's word in both languages, or the name of a sentence of the pages' own (`failure` in messages.ts). */
export type Failure = { zh: string; en: string } | 'no_network' | 'storage_full' | 'damaged_here' | 'unexplained';

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
  const { detail, detail_zh, reason } = error.problem;
  return detail !== undefined && detail_zh !== undefined ? { zh: detail_zh, en: detail } : failureIn(reason);
}
