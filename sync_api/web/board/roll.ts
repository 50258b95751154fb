/** A wall that scrolls by itself until somebody touches it, and again some time after. */
import { onBeforeUnmount, onMounted, type Ref } from 'vue';

/** Slow enough to read a row as it passes: a row in about two seconds. */
const ROLL_PX_PER_S = 9;
const RESUMES_AFTER_MS = 20_000;
/** After a pause, as in a hidden tab, it goes on from where it is. */
const STEP_PX_MAX = 5;

/** How far each wall was scrolled, by its address, for whoever comes back to it. */
export const scrolledTo = new Map<string, number>();

/** Rolls `frame` while `mayRoll` says so; call what is returned whenever somebody touches it. */
export function useRoll(frame: Ref<HTMLElement | undefined>, mayRoll: () => boolean): () => void {
  const isMotionUnwanted = matchMedia('(prefers-reduced-motion: reduce)').matches;
  let request = 0;
  let drawnAt = 0;
  let top = 0;
  let touchedAt = performance.now();

  function roll(now: number): void {
    request = requestAnimationFrame(roll);
    const step = ((now - drawnAt) / 1000) * ROLL_PX_PER_S;
    drawnAt = now;
    const wall = frame.value;
    if (!wall || !mayRoll() || now - touchedAt < RESUMES_AFTER_MS || step > STEP_PX_MAX) {
      top = wall?.scrollTop ?? 0;
      return;
    }
    const end = wall.scrollHeight - wall.clientHeight;
    top = top >= end ? 0 : top + step;
    wall.scrollTop = top;
  }

  onMounted(() => {
    if (!isMotionUnwanted) request = requestAnimationFrame(roll);
  });
  onBeforeUnmount(() => cancelAnimationFrame(request));
  return () => {
    touchedAt = performance.now();
  };
}
