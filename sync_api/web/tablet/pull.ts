/**
 * Fetches all that the gateway lets this user see and this tablet lacks: one answer (`sync_api/replication/pull.py`),
 * taken line by line, and gone on with wherever it was cut.
 */
import { Refused, type TabletState } from '../shared/api';
import type { Held, Progress, Store } from './store';

/** So many documents are written at a time; the first ones can be seen while the rest is on its way. */
const WRITE_BATCH = 250;
/** A line that carries nothing any more is dead, whatever the network says. */
export const SILENCE_MS = 25_000;

/** How a sequence begins that stands inside a reading (`sync_api/replication/changes.py`). */
const RANGE = 'range~';

/** A line of the answer: a document, or what the answer says of itself. */
type Line = Partial<Held> & {
  epoch?: string;
  scope?: string[];
  since?: string;
  done?: boolean;
  error?: string;
  reason?: string;
  code?: string;
};

const START: Progress = { epoch: '', since: '', holds: [], told: [] };

/** Where a pull ended: the sequence up to which this tablet holds its scope, whether it met another store, which wants
 * again what was written here, and whether the scope is another one than before. */
export interface Pulled {
  since: string;
  isAnew: boolean;
  isOtherScope: boolean;
}

/**
 * `only`: the prefixes that are asked for, where that is less than all. Throws `TypeError` or `AbortError` when the line is
 * dead, `Refused` when the gateway says no.
 */
export async function pull(
  store: Store,
  send: typeof fetch,
  url: string,
  signal: AbortSignal,
  asked: { tablet: TabletState; only?: string[] | undefined },
): Promise<Pulled> {
  const limit = new AbortController();
  const give = (): void => limit.abort();
  signal.addEventListener('abort', give);
  try {
    const kept = (await store.progress()) ?? START;
    // what lies here damaged comes again with all that this user may see; a reading that was cut goes on first
    const isAgain = store.isToAskAgain && !kept.since.startsWith(RANGE);
    const progress = isAgain ? { ...kept, holds: [] } : kept;
    const { epoch, since, holds } = progress;
    const response = await send(`${url}/_pull`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ epoch, since, holds, ...asked }),
      signal: limit.signal,
    });
    if (!response.ok || !response.body) {
      const refused = new Refused({ ...((await response.json()) as object), status: response.status });
      if (refused.problem.code === 'bad_since') await forgetStore(store);
      throw refused;
    }
    const pulled = await new Taker(store, progress).takeAll(linesOf(response.body, give));
    if (isAgain) store.noteAskedAgain();
    return pulled;
  } finally {
    signal.removeEventListener('abort', give);
  }
}

/** The store was put back to an earlier state: to this tablet it is another one. */
async function forgetStore(store: Store): Promise<void> {
  await store.keepProgress({ ...START, epoch: 'put back' });
}

class Taker {
  private scope: string[] | undefined;
  private documents: Held[] = [];
  private isAnew = false;
  private isOtherScope = false;

  constructor(
    private readonly store: Store,
    private progress: Progress,
  ) {}

  async takeAll(lines: AsyncIterable<string>): Promise<Pulled> {
    let isDone = false;
    // read to the end: to hang up on the last line would cost the connection
    for await (const text of lines) {
      const line = JSON.parse(text) as Line;
      // a document may have fields of the same names
      if (line._id !== undefined) await this.takeDocument(line as Held);
      else if (line.error !== undefined) await this.fail(line);
      else if (line.scope !== undefined) await this.begin(line.epoch ?? '', line.scope);
      else {
        isDone = line.done === true;
        await this.mark(line.since ?? '', isDone);
      }
    }
    if (isDone) return { since: this.progress.since, isAnew: this.isAnew, isOtherScope: this.isOtherScope };
    if (!this.scope) throw new Error('this is no answer of the gateway');
    throw new TypeError('the answer was cut');
  }

  private async begin(epoch: string, scope: string[]): Promise<void> {
    this.scope = scope;
    const { progress } = this;
    this.isOtherScope = progress.told.length > 0 && progress.told.join() !== scope.join();
    if (progress.epoch !== epoch) {
      // another store: all that was written here goes out again, and the rest comes anew
      this.isAnew = progress.epoch !== '';
      if (this.isAnew) await this.store.beginAnew();
      this.progress = { ...START, epoch, told: scope };
    } else if (this.isOtherScope) {
      if (!progress.told.every((prefix) => isCovered(prefix, scope))) await this.store.dropOutside(scope);
      this.progress = { ...progress, holds: progress.holds.filter((prefix) => isCovered(prefix, scope)), told: scope };
    } else if (!progress.told.length) {
      this.progress = { ...progress, told: scope };
    }
    if (this.progress !== progress) await this.store.keepProgress(this.progress);
  }

  private async takeDocument(document: Held): Promise<void> {
    this.documents.push(document);
    if (this.documents.length >= WRITE_BATCH) await this.write();
  }

  private async write(): Promise<void> {
    const batch = this.documents;
    this.documents = [];
    if (batch.length) await this.store.take(batch);
  }

  /** All before this line is written and need not be asked for again. */
  private async mark(since: string, isDone: boolean): Promise<void> {
    await this.write();
    const holds = isDone && this.scope ? this.scope : this.progress.holds;
    if (since === this.progress.since && holds.join() === this.progress.holds.join()) return;
    this.progress = { ...this.progress, since, holds };
    await this.store.keepProgress(this.progress);
  }

  private async fail({ code, reason }: Line): Promise<never> {
    if (code === 'bad_since') await forgetStore(this.store);
    throw new Refused({
      status: 503,
      ...(reason === undefined ? {} : { reason }),
      ...(code === undefined ? {} : { code }),
    });
  }
}

function isCovered(prefix: string, scope: string[]): boolean {
  return scope.some((covering) => prefix.startsWith(covering));
}

async function* linesOf(body: ReadableStream<Uint8Array<ArrayBuffer>>, hangUp: () => void): AsyncGenerator<string> {
  let rest = '';
  for await (const text of patiently(body, hangUp)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter((line) => line !== '');
  }
}

/** What a body brings, as text; hangs up when nothing has come for long. */
export async function* patiently(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  hangUp: () => void,
): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let silence = setTimeout(hangUp, SILENCE_MS);
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      clearTimeout(silence);
      yield read.value;
      silence = setTimeout(hangUp, SILENCE_MS);
    }
  } finally {
    clearTimeout(silence);
    await reader.cancel().catch(() => {});
  }
}
