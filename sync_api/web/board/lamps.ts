/** All lamps of a scope in one array, and what is counted from it. */
import type { Board } from '../shared/api';
import { LETTERS, type Letter } from '../shared/lights';
import { shortName } from '../shared/names';
import type { Choice } from './choice';

export interface Village {
  code: string;
  name: string;
  /** With its county, where two counties have one of that name. */
  township: string;
  county: string;
  /** What a name is looked for in, as the gateway does for a file. */
  searched: string;
}

/** One lamp that changed, for the ticker. */
export interface Change {
  at: string;
  village: Village;
  column: number;
  from: Letter;
  to: Letter;
}

const CODE_OF_CHAR = new Uint8Array(128);
for (const [code, letter] of [...LETTERS].entries()) CODE_OF_CHAR[letter.charCodeAt(0)] = code;

export class Lamps {
  readonly villages: Village[];
  /** `villages × width` codes, 0 to 3 as in `LETTERS`. */
  readonly codes: Uint8Array;
  readonly names: ReadonlyMap<string, string>;
  private readonly rows: ReadonlyMap<string, number>;

  constructor(
    board: Board,
    /** Lamps a village. */
    readonly width: number,
  ) {
    const { division } = board;
    this.names = new Map(
      [...board.divisions, [division.code, division.name] as const].map(([code, name]) => [code, shortName(name)]),
    );
    const townships = [...this.names].filter(([code]) => code.length === 9).map(([, name]) => name);
    const shared = new Set(townships.filter((name, at) => townships.indexOf(name) !== at));
    this.villages = board.divisions
      .filter(([code]) => code.length === 12)
      .map(([code, name]) => {
        const [county, township] = [6, 9].map((digits) => this.names.get(code.slice(0, digits)) ?? '') as [
          string,
          string,
        ];
        const own = shortName(name);
        const shown = shared.has(township) ? `${county} ${township}` : township;
        return { code, name: own, township: shown, county, searched: `${township} ${own}` };
      });
    if (board.lights.length !== this.villages.length * width)
      throw new Error(`${board.lights.length} lamps for ${this.villages.length} villages of ${width}`);
    this.codes = Uint8Array.from(board.lights, (letter) => CODE_OF_CHAR[letter.charCodeAt(0)] as number);
    this.rows = new Map(this.villages.map(({ code }, row) => [code, row]));
  }

  rowOf(village: string): number | undefined {
    return this.rows.get(village);
  }

  /** Takes a village's new lights and says which lamps changed. Villages of other scopes are passed over. */
  apply(village: string, lights: string, at: string): Change[] {
    const row = this.rows.get(village);
    if (row === undefined || lights.length !== this.width) return [];
    const changes: Change[] = [];
    for (let column = 0; column < this.width; column += 1) {
      const place = row * this.width + column;
      const code = CODE_OF_CHAR[lights.charCodeAt(column)] as number;
      const former = this.codes[place] as number;
      if (code === former) continue;
      this.codes[place] = code;
      const [from, to] = [LETTERS[former] as Letter, LETTERS[code] as Letter];
      changes.push({ at, village: this.villages[row] as Village, column, from, to });
    }
    return changes;
  }

  lightsOf(row: number): string {
    return Array.from(this.codes.subarray(row * this.width, (row + 1) * this.width), (code) => LETTERS[code]).join('');
  }

  /** How many of some lamps a village has of each code, `[green, silent, yellow, red]`. */
  countsOf(row: number, columns: readonly number[]): Lit {
    const counts: Lit = [0, 0, 0, 0];
    const from = row * this.width;
    for (const column of columns) counts[this.codes[from + column] as 0 | 1 | 2 | 3] += 1;
    return counts;
  }
}

/** A village as people name it where villages of several counties stand together, or of one. */
export function placeOf({ county, township, name }: Village, hasCounties: boolean): string {
  return [...(hasCounties && !township.startsWith(county) ? [county] : []), township, name].join(' ');
}

/** A division with those above it that lie below the one that is looked at: 田庄镇 佃户屯村. */
export function placeBelow(
  division: string,
  { code, name }: { code: string; name: string },
  names: ReadonlyMap<string, string> | undefined,
): string {
  const above = [6, 9].filter((digits) => digits > division.length && digits < code.length);
  return [...above.map((digits) => names?.get(code.slice(0, digits))), shortName(name)].filter(Boolean).join(' ');
}

/** By code: green, silent, yellow, red. */
type Lit = [number, number, number, number];

/** What the summary says of one division. */
export interface Count {
  code: string;
  name: string;
  villages: number;
  lamps: Lit;
  /** Villages by their worst lamp. */
  worst: Lit;
}

/** What is on the wall of a division. */
export interface Shown {
  /** Of all that is chosen, whatever its light. */
  whole: Count;
  /** Each division right below (villages below a township), chosen or not. */
  parts: Count[];
  /** The villages that have the chosen light, too, as rows of the lamps. */
  rows: Int32Array;
}

/** One look at all lamps of a division: what `choice` leaves of its villages, counted by some columns. */
export function choose(
  lamps: Lamps,
  division: string,
  choice: Choice,
  columns: readonly number[],
  watched: ReadonlyMap<string, unknown>,
): Shown {
  const digits = { 4: 6, 6: 9, 9: 12 }[division.length] ?? 12;
  const light = choice.light === undefined ? undefined : (LETTERS.indexOf(choice.light) as 0 | 1 | 2 | 3);
  const name = choice.name.trim();
  const whole = emptyCount(division, lamps.names.get(division) ?? division);
  const parts = new Map<string, Count>();
  const chosen: { row: number; weight: number }[] = [];
  for (const [row, village] of lamps.villages.entries()) {
    if (!village.code.startsWith(division)) continue;
    const part = village.code.slice(0, digits);
    const count = parts.get(part) ?? emptyCount(part, lamps.names.get(part) ?? part);
    parts.set(part, count);
    if (!isMeant(village, name, choice.isWatched, watched)) continue;
    const found = lamps.countsOf(row, columns);
    add(count, found);
    if (choice.within.length && !choice.within.includes(part)) continue;
    add(whole, found);
    if (light !== undefined && !found[light]) continue;
    chosen.push({ row, weight: found[3] * 10_000 + found[2] * 100 + found[1] });
  }
  if (choice.isWorstFirst) chosen.sort((a, b) => b.weight - a.weight || a.row - b.row);
  return { whole, parts: [...parts.values()], rows: Int32Array.from(chosen, ({ row }) => row) };
}

function isMeant(village: Village, name: string, isWatched: boolean, watched: ReadonlyMap<string, unknown>): boolean {
  if (isWatched && !watched.has(village.code)) return false;
  return !name || village.searched.includes(name);
}

function add(sum: Count, found: Lit): void {
  sum.villages += 1;
  sum.worst[found[3] ? 3 : found[2] ? 2 : found[1] ? 1 : 0] += 1;
  for (const light of [0, 1, 2, 3] as const) sum.lamps[light] += found[light];
}

function emptyCount(code: string, name: string): Count {
  return { code, name, villages: 0, lamps: [0, 0, 0, 0], worst: [0, 0, 0, 0] };
}

/** The changes of what is chosen: of a light, those from it or to it. */
export function changesOf(
  changes: Change[],
  division: string,
  choice: Choice,
  columns: readonly number[],
  watched: ReadonlyMap<string, unknown>,
): Change[] {
  const { light, within } = choice;
  return changes.filter(
    ({ village, column, from, to }) =>
      village.code.startsWith(division) &&
      columns.includes(column) &&
      (light === undefined || from === light || to === light) &&
      (!within.length || within.some((code) => village.code.startsWith(code))) &&
      isMeant(village, choice.name.trim(), choice.isWatched, watched),
  );
}
