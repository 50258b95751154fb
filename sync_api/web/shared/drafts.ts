/** What is being written in a form, kept in the browser at every change: it is there after a crash or a reload. */
import { reactive, watch } from 'vue';
import type { Keeping } from './keeping';

/** A reactive draft under a key, which names whose it is. `clear` empties and forgets it. */
export function useKept<T extends object>(
  storage: Keeping,
  key: string,
  empty: () => T,
): { draft: T; clear: () => void } {
  const draft = reactive({ ...empty(), ...kept<T>(storage, key) }) as T;
  let isClearing = false;
  watch(
    draft,
    () => {
      if (!isClearing) storage.setItem(key, JSON.stringify(draft));
    },
    { deep: true, flush: 'sync' },
  );
  const clear = (): void => {
    isClearing = true;
    for (const field of Object.keys(draft)) delete (draft as Record<string, unknown>)[field];
    Object.assign(draft, empty());
    isClearing = false;
    storage.removeItem(key);
  };
  return { draft, clear };
}

/** What lies under a key; what is no JSON, as a disk that failed leaves it, is none. */
export function kept<T>(storage: Keeping, key: string): T | undefined {
  const text = storage.getItem(key);
  try {
    return text === null ? undefined : (JSON.parse(text) as T);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    console.warn('a draft cannot be read', key);
    return undefined;
  }
}
