/** What the pages of offices and departments share: they are read when they open, and again each minute, since others
 * are at work on the same things; sooner, when it did not work and may yet. */
import { onBeforeUnmount, onMounted, type Ref, ref, type ShallowRef, shallowRef } from 'vue';
import { ask, Refused } from '../shared/api';
import { type Failure, failureOf, isFinal } from '../shared/failures';
import { ulidAfter } from '../shared/ids';
import type { Session } from '../shared/session';

const REREAD_MS = 60_000;
const RETRY_MS = 3_000;
const MS_PER_DAY = 86_400_000;

/** What somebody of an office wrote, and when. */
export interface Words {
  author: string;
  at: string;
  text: string;
}

/** Runs some work and gives what went wrong, if the gateway or the network said so. */
export async function attempt(work: () => Promise<unknown>): Promise<Failure | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!(error instanceof Refused || error instanceof TypeError)) throw error;
    return failureOf(error);
  }
}

/** Writes what a form says, under a ULID of its own, which stays the same only where nobody knows whether it came
 * through; `done` when it did. `corrects`: the event that it takes the place of. */
export function useWriting(
  session: Session,
  done: () => Promise<void> | void,
): {
  refused: ShallowRef<Failure | undefined>;
  isBusy: Ref<boolean>;
  write: <T>(path: string, body: object, corrects?: string | null) => Promise<T | undefined>;
} {
  const refused = shallowRef<Failure>();
  const isBusy = ref(false);
  // made when it is sent first, so that what is written later has the greater one
  let written: string | undefined;
  const write = async <T>(path: string, body: object, corrects?: string | null): Promise<T | undefined> => {
    isBusy.value = true;
    written ??= ulidAfter(session.now().getTime(), corrects);
    let answer: T | undefined;
    refused.value = await attempt(async () => {
      answer = await ask<T>(session.fetch, path, { ...body, ulid: written });
    });
    isBusy.value = false;
    if (refused.value !== 'no_network') written = undefined;
    if (refused.value) return undefined;
    await done();
    return answer;
  };
  return { refused, isBusy, write };
}

/** A period as offices call it: 2026H1 is the first half of 2026. */
export function periodName(t: (key: string, named: Record<string, string>) => string, name: string): string {
  return t(`of_year.${name.slice(4)}`, { year: name.slice(0, 4) });
}

/** A day of Heze, as fields for dates hold it. */
export function dayFromNow(session: Session, days: number): string {
  const at = new Date(session.now().getTime() + days * MS_PER_DAY);
  return at.toLocaleDateString('sv-SE', { timeZone: 'Asia/Shanghai' });
}

/** What was read last, and why the last reading failed. */
export function useReread<T>(
  read: () => Promise<T>,
  everyMs = REREAD_MS,
): {
  found: ShallowRef<T | undefined>;
  failure: ShallowRef<Failure | undefined>;
  reread: () => Promise<void>;
} {
  const found = shallowRef<T>();
  const failure = shallowRef<Failure>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOpen = true;
  let asked = 0;
  const reread = async (): Promise<void> => {
    clearTimeout(timer);
    asked += 1;
    const mine = asked;
    const failed = await attempt(async () => {
      const answer = await read();
      // an answer to what was asked before is not shown over a later one
      if (mine === asked) found.value = answer;
    });
    if (mine !== asked) return;
    failure.value = failed;
    if (isOpen) timer = setTimeout(() => void reread(), failed && !isFinal(failed) ? RETRY_MS : everyMs);
  };
  onMounted(() => void reread());
  onBeforeUnmount(() => {
    isOpen = false;
    clearTimeout(timer);
  });
  return { found, failure, reread };
}
