/** Numbers that a report must not hold: identity cards and telephones. */
const SEPARATED = /(?<=\d)[\s\-–—.]{1,2}(?=[\dXx])/g;
/** 18 digits with a date of birth in the middle, the last may be X; or the 15 digits of the old cards. */
const IDENTITY_CARD =
  /(?<!\d)[1-9]\d{5}(?:(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]|\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3})(?!\d)/;
/** Mobile numbers, with or without +86, and land lines with their area code. */
const PHONE = /(?<!\d)(?:(?:\+?86)?1[3-9]\d{9}|0\d{2,3}[2-9]\d{6,7})(?!\d)/;

export type PersonalNumber = 'identity_card' | 'phone';

/** Which kind of personal number a text seems to hold. Digits parted by blanks or dashes count as one number. */
export function personalNumber(text: string): PersonalNumber | undefined {
  const joined = text.normalize('NFKC').replace(SEPARATED, '');
  if (IDENTITY_CARD.test(joined)) return 'identity_card';
  return PHONE.test(joined) ? 'phone' : undefined;
}
