/** Locks what nobody touches. */
import { onBeforeUnmount } from 'vue';

const TOUCHES = ['pointerdown', 'keydown', 'wheel', 'input'] as const;

/** Calls `rested` once nobody has touched the page for so long, also while the tablet slept. */
export function useIdle(restMs: number, rested: () => void): void {
  let touchedAt = Date.now();
  const isOver = (): boolean => Math.abs(Date.now() - touchedAt) >= restMs;
  const look = (): void => {
    if (!isOver()) return;
    touchedAt = Date.now();
    rested();
  };
  // what woke it is no touch of who left it: the page is looked at first
  const touch = (): void => {
    look();
    touchedAt = Date.now();
  };
  const timer = setInterval(look, restMs / 10);
  for (const kind of TOUCHES) addEventListener(kind, touch, { passive: true, capture: true });
  document.addEventListener('visibilitychange', look);
  onBeforeUnmount(() => {
    clearInterval(timer);
    for (const kind of TOUCHES) removeEventListener(kind, touch, { capture: true });
    document.removeEventListener('visibilitychange', look);
  });
}
