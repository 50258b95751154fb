/** Lamps as boards and lights documents carry them: one letter an indicator, in catalogue order. */
import type { OpenCase } from './documents';

export const LETTERS = 'gsyr';
export type Letter = 'g' | 's' | 'y' | 'r';
export const ALL_LETTERS: readonly Letter[] = ['r', 'y', 's', 'g'];

/** What stands beside a case: the light that it gives, or `o` for one that is open and gives none; green says settled. */
export type CaseLetter = Letter | 'o';

/** A mark beside the colour, for people who do not tell red from green. */
export const MARKS: Record<CaseLetter, string> = { g: '●', s: '○', y: '▲', r: '■', o: '◇' };

export function letterAt(lights: string | undefined, index: number): Letter {
  return (lights?.[index] as Letter | undefined) ?? 's';
}

/** The worst of some letters; green if there are none. */
export function worst(letters: Iterable<string>): Letter {
  let code = 0;
  for (const letter of letters) code = Math.max(code, LETTERS.indexOf(letter));
  return LETTERS[code] as Letter;
}

/** The light that an open case gives, as `models/cases/spans.py` has it, if any. */
export function caseLight({ severity, is_overdue }: Pick<OpenCase, 'severity' | 'is_overdue'>): CaseLetter {
  if (severity === 'minor') return is_overdue ? 'y' : 'o';
  return severity === 'major' || is_overdue ? 'r' : 'y';
}

/** The same as a sign inside a coloured shape, where there is room for one. */
export const SIGNS: Record<CaseLetter, string> = { g: '✓', s: '?', y: '!', r: '✕', o: '◇' };

/** How many of each letter. */
export function countLetters(letters: Iterable<string>): Record<Letter, number> {
  const counts = { g: 0, s: 0, y: 0, r: 0 };
  for (const letter of letters) counts[letter as Letter] += 1;
  return counts;
}
