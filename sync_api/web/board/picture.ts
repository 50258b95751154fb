/** The rows that are shown as a picture on white: with what is asked, the legend and the time, to stand in a report. */
import type { CategoryLamps } from '../shared/catalogue';
import { ALL_LETTERS, type Letter, MARKS } from '../shared/lights';
import type { Lamps } from './lamps';
import { arrange, type Layout, Painter } from './painter';

/** More rows than that make a picture that no program opens gladly. */
export const PICTURE_ROWS_MAX = 1_200;
const CELL = 12;
const NAMES = 196;
const EDGE = 16;
const GAP = 28;
const LINE = 20;
/** For the names of categories, and of items below them. */
const CATEGORY_HEIGHT = 20;
const SIGNS_MAX = 8;
const SIGN = 13;
const TURNED_HEIGHT = 190;
/** So many pixels are no trouble at twice the size. */
const SMALL_PX = 6_000_000;

export interface Picture {
  lamps: Lamps;
  rows: Int32Array;
  marks: { of: ReadonlyMap<string, unknown>; word: string };
  tree: CategoryLamps[];
  title: string;
  /** What is asked, how many of how many rows, the time, whether it is simulated. */
  lines: string[];
  lightName: (letter: Letter) => string;
  name: (thing: { name_zh: string; name_en: string }) => string;
  locale: 'zh' | 'en';
}

/** Rows side by side in blocks of so many. */
export function drawPicture(of: Picture, rowsABlock: number): HTMLCanvasElement {
  const layout = arrange(of.tree, NAMES, CELL);
  const blocks = Math.max(1, Math.ceil(of.rows.length / rowsABlock));
  const [block, tall] = [layout.width + GAP, Math.min(of.rows.length, rowsABlock) * layout.row];
  const top = EDGE + 32 + (of.lines.length + 1) * LINE + 10;
  const head = CATEGORY_HEIGHT + itemHeight(of);
  const [width, height] = [2 * EDGE + blocks * block - GAP, top + head + tall + EDGE];
  const scale = width * height <= SMALL_PX ? 2 : 1;
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(width * scale);
  canvas.height = Math.ceil(height * scale);
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) throw new Error('this browser has no canvas');
  context.scale(scale, scale);
  onPaper((style) => {
    const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, width, height);
    writeHead(context, of, style.fontFamily, colour);
    const painter = new Painter(of.lamps, of.rows, of.marks, layout, scale, style);
    for (let at = 0; at < blocks; at += 1) {
      context.save();
      context.translate(EDGE + at * block, top);
      writeColumns(context, of, layout, style.fontFamily, colour('ink'));
      context.translate(0, head);
      painter.drawRows(context, at * rowsABlock, Math.min((at + 1) * rowsABlock, of.rows.length), true);
      context.restore();
    }
  });
  return canvas;
}

/** Colours as on paper, whatever the screen has. */
function onPaper(work: (style: CSSStyleDeclaration) => void): void {
  const root = document.documentElement;
  const isDark = root.classList.contains('dark');
  root.classList.remove('dark');
  try {
    work(getComputedStyle(root));
  } finally {
    if (isDark) root.classList.add('dark');
  }
}

function writeHead(
  context: CanvasRenderingContext2D,
  of: Picture,
  font: string,
  colour: (name: string) => string,
): void {
  context.textBaseline = 'top';
  context.fillStyle = colour('ink');
  context.font = `600 22px ${font}`;
  context.fillText(of.title, EDGE, EDGE);
  context.font = `14px ${font}`;
  for (const [at, line] of of.lines.entries()) context.fillText(line, EDGE, EDGE + 32 + at * LINE);
  let x = EDGE;
  for (const letter of ALL_LETTERS) {
    const text = `${MARKS[letter]} ${of.lightName(letter)}`;
    context.fillStyle = colour({ g: 'light-g', s: 'text-s', y: 'text-y', r: 'light-r' }[letter]);
    context.fillText(text, x, EDGE + 32 + of.lines.length * LINE);
    x += context.measureText(text).width + 20;
  }
}

/** The names of categories and items above their lamps: Chinese from above to below, English turned. */
function writeColumns(
  context: CanvasRenderingContext2D,
  { tree, name, locale }: Picture,
  { x, cell }: Layout,
  font: string,
  ink: string,
): void {
  context.fillStyle = ink;
  for (const category of tree) {
    const columns = category.items.flatMap((item) => item.lamps.map(({ column }) => column));
    const [first, last] = [x[columns[0] ?? 0] ?? 0, x[columns.at(-1) ?? 0] ?? 0];
    context.font = `600 13px ${font}`;
    context.textBaseline = 'top';
    context.fillText(name(category), first, 0, last + cell - first);
    for (const item of category.items) {
      const from = x[item.lamps[0]?.column ?? 0] ?? 0;
      const middle = (from + (x[item.lamps.at(-1)?.column ?? 0] ?? 0) + cell) / 2;
      context.font = `12px ${font}`;
      if (locale === 'zh') writeDown(context, name(item), middle);
      else writeTurned(context, name(item), middle);
    }
  }
}

function itemHeight({ tree, name, locale }: Picture): number {
  if (locale === 'en') return TURNED_HEIGHT;
  const longest = Math.max(...tree.flatMap(({ items }) => items.map((item) => name(item).length)));
  return Math.min(longest, SIGNS_MAX) * SIGN + 10;
}

function writeDown(context: CanvasRenderingContext2D, text: string, middle: number): void {
  const signs = Array.from(text);
  const shown = signs.length > SIGNS_MAX ? [...signs.slice(0, SIGNS_MAX - 1), '…'] : signs;
  context.textAlign = 'center';
  for (const [at, sign] of shown.entries()) context.fillText(sign, middle, CATEGORY_HEIGHT + 2 + at * SIGN);
  context.textAlign = 'start';
}

function writeTurned(context: CanvasRenderingContext2D, text: string, middle: number): void {
  context.save();
  context.translate(middle, CATEGORY_HEIGHT + TURNED_HEIGHT - 6);
  context.rotate(-Math.PI / 2);
  context.textBaseline = 'middle';
  context.fillText(text, 0, 0, TURNED_HEIGHT - 8);
  context.restore();
}
