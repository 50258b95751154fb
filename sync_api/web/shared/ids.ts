/** Document ids as `models/ids.py` defines them: `{division}:{kind}:{owner}:{ulid}`. */
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A ULID of the instant (ms since 1970): 48 bits of time, 80 random ones. */
export function ulid(milliseconds: number): string {
  let time = '';
  for (let rest = milliseconds, i = 0; i < 10; i += 1, rest = Math.floor(rest / 32)) time = CROCKFORD[rest % 32] + time;
  const random = crypto.getRandomValues(new Uint8Array(16));
  return time + Array.from(random, (byte) => CROCKFORD[byte & 31]).join('');
}

/** A ULID of now that is greater than that of the event it corrects, whatever this computer's clock says. */
export function ulidAfter(milliseconds: number, event: string | null | undefined): string {
  return ulid(event ? Math.max(milliseconds, timeOf(event) + 1) : milliseconds);
}

/** The instant (ms since 1970) of the ULID that an id ends in. */
export function timeOf(id: string): number {
  let time = 0;
  for (const letter of id.slice(-26, -16)) time = time * 32 + CROCKFORD.indexOf(letter);
  return time;
}

export function eventId(division: string, kind: string, owner: string, milliseconds: number): string {
  return `${division}:${kind}:${owner}:${ulid(milliseconds)}`;
}

/** The half-open key range of all ids that begin with the prefix. */
export function prefixRange(prefix: string): { startkey: string; endkey: string } {
  return { startkey: prefix, endkey: `${prefix}\uffff` };
}

const DIGITS_OF_LEVEL = { city: 4, county: 6, township: 9, village: 12 } as const;

export function levelOf(code: string): keyof typeof DIGITS_OF_LEVEL | undefined {
  const levels = Object.keys(DIGITS_OF_LEVEL) as (keyof typeof DIGITS_OF_LEVEL)[];
  return levels.find((level) => DIGITS_OF_LEVEL[level] === code.length);
}

/** The database that holds a division's documents: its county's. */
export function databaseOf(division: string): string {
  return `d110-${division.slice(0, DIGITS_OF_LEVEL.county)}`;
}
