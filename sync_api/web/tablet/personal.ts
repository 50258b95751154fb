/** Numbers that a report must not hold: identity cards and telephones. The gateway's own word on it stands in
 * `models/personal_numbers.py`; this says most of it while somebody writes. */

/** Signs that part the digits of one number, seen or unseen. */
const PARTING = '[\\s.()\\-,/_:;|~·•・…，、。／：；＿～｜–—‐‑−．（）－\\u00ad\\u200b-\\u200d\\u2060\\ufeff]';
const BREAK = `${PARTING}{1,3}`;
const pieces = (...lengths: number[]): string => lengths.map((length) => `\\d{${length}}`).join(BREAK);

/** 18 digits with a date of birth in the middle, the last may be X; or the 15 digits of the old cards. */
const PIECES_OF_CARD = [
  '[1-9]\\d{5}',
  '(?:19|20)\\d{2}',
  '(?:0[1-9]|1[0-2])',
  '(?:0[1-9]|[12]\\d|3[01])',
  '\\d{3}[\\dXx]',
];
const CARD = `[1-9]${`${PARTING}{0,1}\\d`.repeat(5)}${PARTING}{0,3}${PIECES_OF_CARD.slice(1).join(`${PARTING}{0,3}`)}`;
const OLD_CARD = '[1-9]\\d{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])\\d{3}';
const IDENTITY_CARD = new RegExp(`(?<!\\d)(?:${CARD}|${OLD_CARD})(?!\\d)`);

/** Mobile numbers, with or without +86, in one piece or in those that people say them in; land lines with area code. */
const MOBILE_PIECES = [
  [3, 4, 4],
  [3, 8],
  [7, 4],
  [3, 3, 5],
  [3, 3, 3, 2],
  [4, 4, 3],
  [3, 2, 2, 2, 2],
  Array<number>(11).fill(1),
];
const SINGLE = ['1', '[3-9]', ...Array<string>(9).fill('\\d')].join('[\\s.()\\-–—]?');
const IN_PIECES = `(?=1${PARTING}{0,3}[3-9])(?:${MOBILE_PIECES.map((each) => pieces(...each)).join('|')})`;
const MOBILE = `(?:\\+?86)?(?:${SINGLE}|${IN_PIECES})`;
const PHONE = new RegExp(`(?<!\\d)(?:${MOBILE}|0\\d{2,3}${PARTING}{0,3}[2-9]\\d{6,7})(?!\\d)`, 'g');
const LISTS = /[,，、]/;

/** Whether it is one number, and no row of small ones, such as indicators: it has a piece of three digits, or pieces of one
 * or two that are parted alike, and not as the numbers of a list are. */
function isOne(found: string): boolean {
  const lengths = found.split(/\D+/).map((piece) => piece.length);
  if (Math.max(...lengths) >= 3) return true;
  const breaks = new Set(found.match(/\D+/g));
  return new Set(lengths.slice(0, -1)).size === 1 && breaks.size === 1 && !LISTS.test([...breaks].join());
}

function hasPhone(text: string): boolean {
  PHONE.lastIndex = 0;
  for (let found = PHONE.exec(text); found; found = PHONE.exec(text)) {
    if (isOne(found[0])) return true;
    PHONE.lastIndex = found.index + 1;
  }
  return false;
}

export type PersonalNumber = 'identity_card' | 'phone';

/** Which kind of personal number a text seems to hold. */
export function personalNumber(text: string): PersonalNumber | undefined {
  const plain = text.normalize('NFKC');
  if (IDENTITY_CARD.test(plain)) return 'identity_card';
  return hasPhone(plain) ? 'phone' : undefined;
}
