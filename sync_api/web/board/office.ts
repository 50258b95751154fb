/** What the pages of offices and departments share: they are read when they open, and again each minute, since others
 * are at work on the same things. */
import { onBeforeUnmount, onMounted, type ShallowRef, shallowRef } from 'vue';
import { Refused } from '../shared/api';
import { type Failure, failureOf } from '../shared/failures';

const REREAD_MS = 60_000;

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

/** What was read last, and why the last reading failed. */
export function useReread<T>(read: () => Promise<T>): {
  found: ShallowRef<T | undefined>;
  failure: ShallowRef<Failure | undefined>;
  reread: () => Promise<void>;
} {
  const found = shallowRef<T>();
  const failure = shallowRef<Failure>();
  const reread = async (): Promise<void> => {
    failure.value = await attempt(async () => {
      found.value = await read();
    });
  };
  let timer: ReturnType<typeof setInterval> | undefined;
  onMounted(() => {
    void reread();
    timer = setInterval(() => void reread(), REREAD_MS);
  });
  onBeforeUnmount(() => clearInterval(timer));
  return { found, failure, reread };
}
