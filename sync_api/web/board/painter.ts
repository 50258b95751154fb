/** Draws rows of lamps on a canvas out of cached tiles, each a bitmap of some rows; a change redraws its tile only. */
import type { CategoryLamps } from '../shared/catalogue';
import { columnsOf } from './choice';
import type { Lamps } from './lamps';

/** Few, so that no frame waits while many are drawn. */
const ROWS_A_TILE = 8;
/** More than fits on a 4K screen; older ones are dropped. */
const TILES_MAX = 36;
/** For township and village, where there is room and where there is little. */
const NAME_WIDTHS = { wide: 196, narrow: 132 };
const NARROW_PX = 1000;
const CELL_MIN = 6;
const CELL_MAX = 48;
const ITEM_GAP = 3;
export const CATEGORY_GAP = 9;
const MARK_GAP = 4;

/** Where each column stands, in CSS pixels; `names`: the room to the left of them, `x` by the lamp's column. */
export interface Layout {
  names: number;
  cell: number;
  row: number;
  columns: number[];
  x: number[];
  width: number;
}

/** Fits the columns into the width; on a small screen lamps get small, never fewer, and a few do not fly apart. */
export function layOut(tree: CategoryLamps[], width: number): Layout {
  const items = tree.reduce((sum, category) => sum + category.items.length, 0);
  const names = width < NARROW_PX ? NAME_WIDTHS.narrow : NAME_WIDTHS.wide;
  const gaps = (items - tree.length) * ITEM_GAP + tree.length * CATEGORY_GAP;
  const cell = Math.floor(((width - names - gaps - 4) / columnsOf(tree).length) * 4) / 4;
  return arrange(tree, names, Math.max(CELL_MIN, Math.min(CELL_MAX, cell)));
}

/** The columns side by side, each so wide. */
export function arrange(tree: CategoryLamps[], names: number, cell: number): Layout {
  const x: number[] = [];
  let at = names;
  for (const category of tree) {
    at += CATEGORY_GAP - ITEM_GAP;
    for (const item of category.items) {
      at += ITEM_GAP;
      for (const lamp of item.lamps) {
        x[lamp.column] = at;
        at += cell;
      }
    }
  }
  const row = Math.max(16, Math.min(22, Math.round(cell + 2)));
  return { names, cell, row, columns: columnsOf(tree), x, width: at + 4 };
}

/** What rows are drawn on: a tile, or a picture. */
type Surface = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D;

export class Painter {
  private readonly tiles = new Map<number, ImageBitmap>();
  /** A row of lamps of one light each; a row is put together from pieces of them. */
  private readonly strips: ImageBitmap[];
  /** Where each shown column begins on a strip, in its pixels; at last, where the last one ends. */
  private readonly edges: number[];
  private readonly page: string;
  private readonly ink: string;
  private readonly inkSoft: string;
  private readonly line: string;
  private readonly font: string;

  constructor(
    private readonly lamps: Lamps,
    private readonly rows: Int32Array,
    /** The villages that are marked, and the word for it. */
    private readonly marks: { of: ReadonlyMap<string, unknown>; word: string },
    private readonly layout: Layout,
    private readonly scale: number,
    style: CSSStyleDeclaration,
  ) {
    const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
    this.page = colour('page');
    this.ink = colour('ink');
    this.inkSoft = colour('ink-soft');
    this.line = colour('line');
    this.font = style.fontFamily;
    this.strips = ['g', 's', 'y', 'r'].map((letter, code) => this.strip(code, colour(`light-${letter}`)));
    this.edges = [...layout.columns.map((column) => layout.x[column] as number), layout.width].map((x) =>
      Math.round(x * scale),
    );
  }

  /** Forgets the bitmaps that show these villages. */
  forget(rows: ReadonlySet<number>): void {
    for (const tile of this.tiles.keys()) {
      const from = tile * ROWS_A_TILE;
      if (this.rows.subarray(from, from + ROWS_A_TILE).some((row) => rows.has(row))) this.drop(tile);
    }
  }

  draw(canvas: HTMLCanvasElement, top: number): void {
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('this browser has no canvas');
    const height = ROWS_A_TILE * this.layout.row;
    const last = Math.min(Math.ceil((top + canvas.height / this.scale) / height), this.tileCount);
    for (let tile = Math.floor(top / height); tile < last; tile += 1)
      context.drawImage(this.tile(tile), 0, Math.round((tile * height - top) * this.scale));
    // where no row stands; elsewhere it would be painted over
    const bottom = Math.max(0, Math.round((last * height - top) * this.scale));
    const right = Math.ceil(this.layout.width * this.scale);
    context.fillStyle = this.page;
    context.fillRect(0, bottom, canvas.width, canvas.height - bottom);
    context.fillRect(right, 0, canvas.width - right, bottom);
  }

  private get tileCount(): number {
    return Math.ceil(this.rows.length / ROWS_A_TILE);
  }

  private tile(index: number): ImageBitmap {
    const held = this.tiles.get(index);
    if (held) return held;
    const drawn = this.drawTile(index);
    this.tiles.set(index, drawn);
    const oldest = this.tiles.keys().next();
    if (this.tiles.size > TILES_MAX && !oldest.done) this.drop(oldest.value);
    return drawn;
  }

  /** A bitmap's memory is the browser's own: it is given back at once. */
  private drop(tile: number): void {
    this.tiles.get(tile)?.close();
    this.tiles.delete(tile);
  }

  private drawTile(index: number): ImageBitmap {
    const { row: height, width } = this.layout;
    const [tile, context] = this.surface(width, ROWS_A_TILE * height, true);
    context.fillStyle = this.page;
    context.fillRect(0, 0, tile.width, tile.height);
    const from = index * ROWS_A_TILE;
    this.drawRows(context, from, from + ROWS_A_TILE);
    return tile.transferToImageBitmap();
  }

  /** Some rows, the first of them where the surface begins; `isApart`: it says its township whatever stands before it. */
  drawRows(context: Surface, from: number, to: number, isApart = false): void {
    context.textBaseline = 'middle';
    for (const [line, row] of this.rows.subarray(from, to).entries())
      this.drawRow(context, row, line * this.layout.row, isApart && !line ? undefined : this.rows[from + line - 1]);
  }

  private drawRow(context: Surface, row: number, y: number, before: number | undefined): void {
    const { names, row: height, width } = this.layout;
    const townshipWidth = names * 0.43;
    const village = this.lamps.villages[row];
    if (!village) return;
    const middle = y + height / 2;
    const isNewTownship = before === undefined || this.lamps.villages[before]?.township !== village.township;
    if (isNewTownship) {
      context.fillStyle = this.line;
      context.fillRect(0, y, width, 1);
    }
    context.font = `12px ${this.font}`;
    context.fillStyle = isNewTownship ? this.ink : this.inkSoft;
    context.fillText(isNewTownship ? village.township : '', 4, middle, townshipWidth - 8);
    context.fillStyle = this.ink;
    const room = names - townshipWidth - 8;
    const marked = this.marks.of.has(village.code) ? this.markWidth(context) : 0;
    context.font = `13px ${this.font}`;
    context.fillText(village.name, townshipWidth + 4, middle, room - marked);
    if (marked) this.drawMark(context, names - 4 - marked + MARK_GAP, middle, marked - MARK_GAP);
    this.drawLamps(context, row * this.lamps.width, y);
  }

  private drawLamps(context: Surface, from: number, y: number): void {
    const { columns } = this.layout;
    const codeAt = (at: number): number => this.lamps.codes[from + (columns[at] as number)] as number;
    for (let [at, end] = [0, 0]; at < columns.length; at = end) {
      const code = codeAt(at);
      end = at + 1;
      while (end < columns.length && codeAt(end) === code) end += 1;
      const strip = this.strips[code] as ImageBitmap;
      const left = this.edges[at] as number;
      const width = (this.edges[end] as number) - left;
      const [x, across, down] = [left, width, strip.height].map((length) => length / this.scale) as [
        number,
        number,
        number,
      ];
      context.drawImage(strip, left, 0, width, strip.height, x, y, across, down);
    }
  }

  private markWidth(context: Surface): number {
    context.font = `10px ${this.font}`;
    return Math.ceil(context.measureText(this.marks.word).width) + 6 + MARK_GAP;
  }

  /** A word in an outline: quieter than any lamp, and of no colour of its own. */
  private drawMark(context: Surface, x: number, middle: number, width: number): void {
    context.font = `10px ${this.font}`;
    context.strokeStyle = this.inkSoft;
    context.fillStyle = this.inkSoft;
    context.lineWidth = 1;
    context.strokeRect(Math.round(x) + 0.5, Math.round(middle) - 6.5, width, 13);
    context.fillText(this.marks.word, Math.round(x) + 3.5, middle);
  }

  /** Dots, rings, triangles or squares, so that shape tells what colour tells. */
  private strip(code: number, colour: string): ImageBitmap {
    const { cell, row, columns, x, width } = this.layout;
    const [bitmap, context] = this.surface(width, row);
    const half = Math.min(cell, 15) / 2 - 0.75;
    const middle = row / 2;
    context.fillStyle = colour;
    context.strokeStyle = colour;
    context.lineWidth = Math.max(1, Math.min(cell, 15) / 9);
    for (const column of columns) {
      const centre = (x[column] as number) + cell / 2;
      context.beginPath();
      if (code === 0) context.arc(centre, middle, half * 0.58, 0, 7);
      if (code === 1) context.arc(centre, middle, half * 0.66, 0, 7);
      if (code === 2) {
        context.moveTo(centre, middle - half);
        context.lineTo(centre + half, middle + half * 0.86);
        context.lineTo(centre - half, middle + half * 0.86);
        context.closePath();
      }
      if (code === 3) context.rect(centre - half, middle - half, 2 * half, 2 * half);
      if (code === 1) context.stroke();
      else context.fill();
    }
    return bitmap.transferToImageBitmap();
  }

  /** `isOpaque`: nothing shines through, so that it is copied and not mixed. */
  private surface(
    width: number,
    height: number,
    isOpaque = false,
  ): [OffscreenCanvas, OffscreenCanvasRenderingContext2D] {
    const bitmap = new OffscreenCanvas(Math.ceil(width * this.scale), Math.ceil(height * this.scale));
    const context = bitmap.getContext('2d', { alpha: !isOpaque });
    if (!context) throw new Error('this browser has no canvas');
    context.scale(this.scale, this.scale);
    return [bitmap, context];
  }
}
