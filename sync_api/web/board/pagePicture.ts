/** The open page as it is printed, in one picture, to stand in a report. */
import { domToBlob } from 'modern-screenshot';

/** What stands side by side on a screen has room so, and lines of 10 pt can be read. */
const WIDTH_MAX = 1_600;
const SCALE = 2;

export function picturePage(page: HTMLElement): Promise<Blob> {
  return asPrinted(page, () => domToBlob(page, { scale: SCALE, backgroundColor: '#fff', font: false }));
}

/** Runs the work while the page is laid out for paper: what is said on paper alone is there, and no control is. */
async function asPrinted<T>(page: HTMLElement, work: () => Promise<T>): Promise<T> {
  const rules = [...document.styleSheets]
    .flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => rule instanceof CSSMediaRule && rule.media.mediaText === 'print') as CSSMediaRule[];
  const root = document.documentElement;
  const isDark = root.classList.contains('dark');
  const scrolled = [...page.querySelectorAll('*')]
    .filter(({ scrollTop }) => scrollTop)
    .map((one) => [one, one.scrollTop] as const);
  dispatchEvent(new Event('beforeprint'));
  for (const { media } of rules) media.mediaText = 'all';
  root.classList.remove('dark');
  page.style.cssText = `box-sizing: border-box; width: ${Math.min(innerWidth, WIDTH_MAX)}px; padding: 0 20px 20px`;
  try {
    await new Promise(requestAnimationFrame); // what is said on paper alone is written
    return await work();
  } finally {
    page.style.cssText = '';
    root.classList.toggle('dark', isDark);
    for (const { media } of rules) media.mediaText = 'print';
    dispatchEvent(new Event('afterprint'));
    for (const [one, top] of scrolled) one.scrollTop = top;
  }
}
