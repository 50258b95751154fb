/** The rows that are shown as a picture on white: with what is asked, the legend and the time, to stand in a report. */
import type { CategoryLamps } from '../shared/catalogue';
import { ALL_LETTERS, type Letter, MARKS } from '../shared/lights';
import type { Lamps } from './lamps';
import { arrange, CATEGORY_GAP, type Layout, Painter } from './painter';

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
/** As wide as the whole wall: on paper the lamps of a narrow one stand side by side in as many blocks as it has room
 * for, and words that are longer go on in a line below. */
const SHEET_WIDTH = 1432;
const SEPARATOR = ' · ';
const TITLE_PX = 22;
const WORDS_PX = 14;
const LEGEND_GAP = 20;
const CATEGORY_PX = 13;

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

export interface Drawn {
  canvas: HTMLCanvasElement;
  /** In CSS pixels; the canvas may have twice as many. */
  width: number;
  height: number;
}

/** Rows side by side in blocks of so many; as wide as its lamps or its words need. */
export function drawPicture(of: Picture, rowsABlock: number): Drawn {
  return onPaper((style) => {
    const font = style.fontFamily;
    const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
    const measure = measureIn(font);
    const layout = arrange(of.tree, NAMES, CELL);
    const lines = of.lines.flatMap((line) => folded(line, measure));
    const blocks = Math.max(1, Math.ceil(of.rows.length / rowsABlock));
    const [block, tall] = [blockWidth(of, layout, measure) + GAP, Math.min(of.rows.length, rowsABlock) * layout.row];
    const top = EDGE + 32 + (lines.length + 1) * LINE + 10;
    const head = CATEGORY_HEIGHT + itemHeight(of);
    const words = [
      measure(of.title, `600 ${TITLE_PX}px`),
      ...lines.map((line) => measure(line, `${WORDS_PX}px`)),
      legendOf(of).reduce((sum, [, text]) => sum + measure(text, `${WORDS_PX}px`) + LEGEND_GAP, 0),
    ];
    const width = 2 * EDGE + Math.ceil(Math.max(blocks * block - GAP, ...words));
    const height = top + head + tall + EDGE;
    const scale = width * height <= SMALL_PX ? 2 : 1;
    const canvas = document.createElement('canvas');
    canvas.width = Math.ceil(width * scale);
    canvas.height = Math.ceil(height * scale);
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('this browser has no canvas');
    context.scale(scale, scale);
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, width, height);
    writeHead(context, of, lines, font, colour);
    const painter = new Painter(of.lamps, of.rows, of.marks, layout, scale, style);
    for (let at = 0; at < blocks; at += 1) {
      context.save();
      context.translate(EDGE + at * block, top);
      // the last one has the room up to the edge
      const right = at < blocks - 1 ? block - GAP : width - 2 * EDGE - at * block;
      writeColumns(context, of, layout, right, font, colour('ink'));
      context.translate(0, head);
      painter.drawRows(context, at * rowsABlock, Math.min((at + 1) * rowsABlock, of.rows.length), true);
      context.restore();
    }
    return { canvas, width, height };
  });
}

/** The same for paper, in sheets of so many rows from top to bottom. */
export function drawSheets(of: Picture, rowsABlock: number): Drawn[] {
  const block = onPaper((style) => blockWidth(of, arrange(of.tree, NAMES, CELL), measureIn(style.fontFamily)));
  const rows = rowsABlock * Math.max(1, Math.floor((SHEET_WIDTH - 2 * EDGE + GAP) / (block + GAP)));
  const sheets = Math.max(1, Math.ceil(of.rows.length / rows));
  return Array.from({ length: sheets }, (_, at) =>
    drawPicture({ ...of, rows: of.rows.subarray(at * rows, (at + 1) * rows) }, rowsABlock),
  );
}

type Measure = (text: string, size: string) => number;

function measureIn(font: string): Measure {
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  if (!context) throw new Error('this browser has no canvas');
  return (text, size) => {
    context.font = `${size} ${font}`;
    return context.measureText(text).width;
  };
}

/** The columns, and room for the name of the last category, which may be wider than its lamps. */
function blockWidth({ tree, name }: Picture, { x, width }: Layout, measure: Measure): number {
  const last = tree.at(-1);
  if (!last) return width;
  return Math.max(width, Math.ceil(firstOf(last, x) + measure(name(last), `600 ${CATEGORY_PX}px`)));
}

const firstOf = ({ items }: CategoryLamps, x: number[]): number => x[items[0]?.lamps[0]?.column ?? 0] ?? 0;

/** A line that is too long for a sheet goes on below where one thing ends and the next begins. */
function folded(line: string, measure: Measure): string[] {
  const found: string[] = [];
  for (const part of line.split(SEPARATOR)) {
    const longer = [found.at(-1) ?? '', part].filter(Boolean).join(SEPARATOR);
    if (found.length && measure(longer, `${WORDS_PX}px`) <= SHEET_WIDTH - 2 * EDGE) found[found.length - 1] = longer;
    else found.push(part);
  }
  return found;
}

const legendOf = ({ lightName }: Picture): [Letter, string][] =>
  ALL_LETTERS.map((letter) => [letter, `${MARKS[letter]} ${lightName(letter)}`]);

/** Colours as on paper, whatever the screen has. */
function onPaper<T>(work: (style: CSSStyleDeclaration) => T): T {
  const root = document.documentElement;
  const isDark = root.classList.contains('dark');
  root.classList.remove('dark');
  try {
    return work(getComputedStyle(root));
  } finally {
    if (isDark) root.classList.add('dark');
  }
}

function writeHead(
  context: CanvasRenderingContext2D,
  of: Picture,
  lines: string[],
  font: string,
  colour: (name: string) => string,
): void {
  context.textBaseline = 'top';
  context.fillStyle = colour('ink');
  context.font = `600 ${TITLE_PX}px ${font}`;
  context.fillText(of.title, EDGE, EDGE);
  context.font = `${WORDS_PX}px ${font}`;
  for (const [at, line] of lines.entries()) context.fillText(line, EDGE, EDGE + 32 + at * LINE);
  let x = EDGE;
  for (const [letter, text] of legendOf(of)) {
    context.fillStyle = colour({ g: 'light-g', s: 'text-s', y: 'text-y', r: 'light-r' }[letter]);
    context.fillText(text, x, EDGE + 32 + lines.length * LINE);
    x += context.measureText(text).width + LEGEND_GAP;
  }
}

/** The names of categories and items above their lamps: Chinese from above to below, English turned. A category's has
 * the room up to the next one, the last one's up to `right`. */
function writeColumns(
  context: CanvasRenderingContext2D,
  { tree, name, locale }: Picture,
  { x, cell }: Layout,
  right: number,
  font: string,
  ink: string,
): void {
  context.fillStyle = ink;
  for (const [at, category] of tree.entries()) {
    const [first, next] = [firstOf(category, x), tree[at + 1]];
    context.font = `600 ${CATEGORY_PX}px ${font}`;
    context.textBaseline = 'top';
    context.fillText(name(category), first, 0, (next ? firstOf(next, x) - CATEGORY_GAP : right) - first);
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
