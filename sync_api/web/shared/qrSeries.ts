/** A parcel as a series of QR codes, each of which says which series it is of, and which part: `D110:{series}:{part}:{parts}:
 * {base64}`. A tablet shows them one after the other, and a camera takes them in whatever order. */
import { fromBase64, toBase64 } from './base64';

/** What a cheap camera still reads from a screen: a code of 77 × 77. */
const SIGNS = 480;
/** More than that nobody holds a tablet still for. */
export const CODES_MAX = 40;
/** So many bytes fit into a series. */
export const SERIES_BYTES_MAX = (CODES_MAX * SIGNS * 3) / 4;

export function seriesOf(bytes: Uint8Array): string[] {
  const text = toBase64(bytes);
  const count = Math.ceil(text.length / SIGNS);
  const series = toBase64(crypto.getRandomValues(new Uint8Array(6)));
  return Array.from(
    { length: count },
    (_, at) => `D110:${series}:${at + 1}:${count}:${text.slice(at * SIGNS, (at + 1) * SIGNS)}`,
  );
}

interface Seen {
  count: number;
  parts: Map<number, string>;
}

/** What a camera has seen, by series: the one it sees just now is gone on with. */
export class SeriesReader {
  private readonly all = new Map<string, Seen>();
  private now = '';

  /** `strange`: no code of a parcel; `other`: of another series than the code before. */
  take(text: string): 'taken' | 'other' | 'strange' {
    const [, series = '', part, count, data] =
      /^D110:([A-Za-z0-9+/]+):(\d{1,3}):(\d{1,3}):([A-Za-z0-9+/=]+)$/.exec(text) ?? [];
    if (data === undefined) return 'strange';
    const isOther = this.now !== '' && this.now !== series;
    this.now = series;
    const seen = this.all.get(series) ?? { count: Number(count), parts: new Map() };
    this.all.set(series, seen);
    seen.parts.set(Number(part), data);
    return isOther ? 'other' : 'taken';
  }

  get progress(): { have: number; count: number; missing: number[] } {
    const { count, parts } = this.all.get(this.now) ?? { count: 0, parts: new Map<number, string>() };
    const missing = Array.from({ length: count }, (_, at) => at + 1).filter((part) => !parts.has(part));
    return { have: count - missing.length, count, missing };
  }

  /** The parcel, once all of it was seen. */
  get whole(): Uint8Array<ArrayBuffer> | undefined {
    const { count, missing } = this.progress;
    if (!count || missing.length) return undefined;
    const parts = this.all.get(this.now)?.parts;
    return fromBase64(Array.from({ length: count }, (_, at) => parts?.get(at + 1)).join(''));
  }
}
