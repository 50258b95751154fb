/** The library's tabs, items and crosses are no native buttons: with the keyboard they are pressed all the same. */
const PRESSED = '[role="button"]:not(button), [role="tab"]:not(button)';

export function pressByKeys(): void {
  addEventListener('keydown', (event) => {
    const { key, target, repeat } = event;
    if (repeat || event.defaultPrevented || (key !== 'Enter' && key !== ' ')) return;
    if (!(target instanceof HTMLElement) || !target.matches(PRESSED)) return;
    event.preventDefault(); // Space would scroll
    target.click();
  });
}
