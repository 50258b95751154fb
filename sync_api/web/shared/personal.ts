/** Numbers that no text may hold: identity cards and telephones. The rule itself is that of `models/personal_numbers.py`,
 * generated from there; this reads a text as it does. */

import { DIGIT_READINGS, PERSONAL_NUMBERS } from './documents';

const NUMBERS = new RegExp(PERSONAL_NUMBERS, 'gu');

/** The text with all signs that each reading takes for digits as such, one reading after the other. */
function* readingsOf(text: string): Generator<string> {
  const digits = new Map<string, string>();
  for (const [signs, asAscii] of DIGIT_READINGS) {
    for (const [at, sign] of [...signs].entries()) digits.set(sign, asAscii[at] ?? sign);
    yield Array.from(text, (sign) => digits.get(sign) ?? sign).join('');
  }
}

/** Whether it is one number, and no row of small ones, such as indicators: it has a piece of three digits, or pieces of one
 * or two that are parted alike, and not as the numbers of a list are. Days with their times are none. */
function isOne(found: string): boolean {
  const lengths = [...found.matchAll(/[0-9x]+/g)].map(([piece]) => piece.length);
  const between = found.replace(/^[^0-9x]+/, '').match(/[^0-9x]+/g) ?? [];
  const breaks = [...new Set(between.map((signs) => [...new Set(signs.replaceAll(' ', ''))].sort().join('')))];
  if (breaks.length > 1 && breaks.some((each) => /^[:：]$/.test(each))) return false;
  if (Math.max(...lengths) >= 3) return true;
  return new Set(lengths.slice(0, -1)).size === 1 && breaks.length === 1 && !/^[,，、]$/.test(breaks.join(''));
}

export type PersonalNumber = 'identity_card' | 'phone';

/** Which kind of personal number a text seems to hold. */
export function personalNumber(text: string): PersonalNumber | undefined {
  for (const reading of readingsOf(text)) {
    NUMBERS.lastIndex = 0;
    for (let found = NUMBERS.exec(reading); found; found = NUMBERS.exec(reading)) {
      const { card, phone, local, before, passport } = found.groups ?? {};
      if (isOne(card ?? phone ?? local ?? before ?? passport ?? ''))
        return (card ?? passport) ? 'identity_card' : 'phone';
      NUMBERS.lastIndex = found.index + 1;
    }
  }
  return undefined;
}
