/** All lamps of a scope in one array, and what is counted from it. */
import type { Board } from '../shared/api';
import { LETTERS, type Letter } from '../shared/lights';
import { shortName } from '../shared/names';

export interface Village {
  code: string;
  name: string;
  township: string;
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
    this.villages = board.divisions
      .filter(([code]) => code.length === 12)
      .map(([code, name]) => ({ code, name: shortName(name), township: this.names.get(code.slice(0, 9)) ?? '' }));
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

  /** How many lamps of each code a village has, `[green, silent, yellow, red]`. */
  countsOf(row: number): [number, number, number, number] {
    const counts: [number, number, number, number] = [0, 0, 0, 0];
    for (let place = row * this.width; place < (row + 1) * this.width; place += 1)
      counts[this.codes[place] as 0 | 1 | 2 | 3] += 1;
    return counts;
  }
}

/** What the summary says of one division. */
export interface Count {
  code: string;
  name: string;
  villages: number;
  /** By code: green, silent, yellow, red. */
  lamps: [number, number, number, number];
  /** Villages by their worst lamp, by code. */
  worst: [number, number, number, number];
}

/** Counts of a division and of each one directly below it (villages below a township). */
export function countDivisions(lamps: Lamps, code: string): { whole: Count; parts: Count[] } {
  const digits = { 4: 6, 6: 9, 9: 12 }[code.length] ?? 12;
  const whole = emptyCount(code, lamps.names.get(code) ?? code);
  const parts = new Map<string, Count>();
  for (const [row, village] of lamps.villages.entries()) {
    if (!village.code.startsWith(code)) continue;
    const part = village.code.slice(0, digits);
    const count = parts.get(part) ?? emptyCount(part, lamps.names.get(part) ?? part);
    parts.set(part, count);
    const found = lamps.countsOf(row);
    const worst = found[3] ? 3 : found[2] ? 2 : found[1] ? 1 : 0;
    for (const sum of [whole, count]) {
      sum.villages += 1;
      sum.worst[worst] += 1;
      for (const light of [0, 1, 2, 3] as const) sum.lamps[light] += found[light];
    }
  }
  return { whole, parts: [...parts.values()] };
}

function emptyCount(code: string, name: string): Count {
  return { code, name, villages: 0, lamps: [0, 0, 0, 0], worst: [0, 0, 0, 0] };
}

/** Which villages are on the wall, as rows of the lamps. */
export interface Choice {
  division: string;
  /** Only villages with a lamp of this code. */
  light: number | undefined;
  name: string;
  isWorstFirst: boolean;
}

export function chooseRows(lamps: Lamps, choice: Choice): Int32Array {
  const chosen: { row: number; weight: number }[] = [];
  for (const [row, village] of lamps.villages.entries()) {
    if (!village.code.startsWith(choice.division)) continue;
    if (choice.name && !`${village.township} ${village.name}`.includes(choice.name)) continue;
    const counts = lamps.countsOf(row);
    if (choice.light !== undefined && counts[choice.light] === 0) continue;
    chosen.push({ row, weight: counts[3] * 10_000 + counts[2] * 100 + counts[1] });
  }
  if (choice.isWorstFirst) chosen.sort((a, b) => b.weight - a.weight || a.row - b.row);
  return Int32Array.from(chosen, ({ row }) => row);
}
