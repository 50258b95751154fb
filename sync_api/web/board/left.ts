/** How pages were left, for whoever comes back to them: opened anew, each begins at its top. */
import { onBeforeUnmount, onMounted, type Ref, ref, watch } from 'vue';
import { isReturning, route } from '../shared/route';

const scrolled = new Map<string, number>();
const choices = new Map<string, unknown>();
/** What is read later grows beneath; for no longer than this. */
const SETTLES_WITHIN_MS = 5_000;

/** A choice on a page that its address does not say, such as which rows of a list are shown. */
export function leftAt<T>(name: string, initial: T): Ref<T> {
  const key = `${location.hash} ${name}`;
  const choice = ref(isReturning() ? (choices.get(key) ?? initial) : initial) as Ref<T>;
  watch(choice, (value) => choices.set(key, value));
  return choice;
}

/** Scrolls the open page to where it was left, as soon as it is long enough, unless somebody touches it before. */
export function keepScrolled(whole: Ref<HTMLElement | undefined>): void {
  const office = () => whole.value?.querySelector(':scope > .office');
  let growing: AbortController | undefined;
  function end(): void {
    growing?.abort();
    growing = undefined;
  }
  function note(): void {
    const page = office();
    // what is not long enough yet is not where it was left
    if (page && !growing) scrolled.set(location.hash, page.scrollTop);
  }
  function restore(): void {
    end();
    const top = isReturning() ? scrolled.get(location.hash) : undefined;
    if (!top || !whole.value) return;
    growing = new AbortController();
    const { signal } = growing;
    const grown = new MutationObserver(step);
    grown.observe(whole.value, { subtree: true, childList: true });
    const limit = setTimeout(end, SETTLES_WITHIN_MS);
    signal.addEventListener('abort', () => {
      grown.disconnect();
      clearTimeout(limit);
    });
    for (const touch of ['wheel', 'pointerdown', 'keydown']) addEventListener(touch, end, { signal });
    step();
    function step(): void {
      const page = office();
      if (!page || top === undefined) return;
      page.scrollTop = top;
      if (Math.abs(page.scrollTop - top) < 1) end();
    }
  }
  onMounted(() => addEventListener('scroll', note, true));
  onBeforeUnmount(() => {
    end();
    removeEventListener('scroll', note, true);
  });
  watch(route, restore, { flush: 'post' });
}
