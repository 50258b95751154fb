/**
 * Photos of one user: scaled down, named by the hash of their content, and kept apart from the documents until the
 * gateway has them. A report never waits for its photos: they follow when its receipt has come, and go on where a cut
 * line left them.
 */
import PouchDB from 'pouchdb-browser';
import { DetailedError, Upload } from 'tus-js-client';
import { type Ref, ref } from 'vue';
import { Refused } from '../shared/api';
import { type Failure, failureOf } from '../shared/failures';
import { LoggedOut, type Session } from '../shared/session';
import { storage } from './room';
import { reopening } from './store';
import { Damaged, type Vault } from './vault';

/** Enough to read a notice on a wall; some 150 kB. */
const SIDE_MAX = 1_600;
const QUALITY = 0.8;
/** A piece that a slow line carries in seconds. */
const CHUNK_BYTES = 100_000;
/** Photos give way to reports: with less than this left, none is taken. */
const LEFT_BYTES_MIN = 50_000_000;

interface Kept {
  _id: string;
  _rev?: string;
  refused?: Unsendable;
  /** How often it came damaged. */
  tries?: number;
  /** What its bytes are, once they are open; unset for one that a former version of the page left as it is. */
  kind?: string;
}

/** Which report the gateway does not take it with, and why. Another report may bring it there. */
interface Unsendable {
  report: string;
  why: Failure;
}

const TRIES_MAX = 3;

export class NoRoom extends Error {}

export class Photos {
  /** What lies here and is not with the gateway yet, by hash. */
  readonly waiting: Ref<ReadonlyMap<string, Unsendable | undefined>> = ref(new Map());
  /** How many times somebody chose photos that are still being scaled; their report waits for them. */
  readonly taking = ref(0);
  db: PouchDB.Database<Kept>;
  private sending: Promise<void> | undefined;
  private readonly stopped = new AbortController();

  constructor(
    private readonly vault: Vault,
    private readonly session: Session,
  ) {
    this.db = photosHere(vault.alias);
  }

  /** Keeps a picture; its hash. Throws `NoRoom`, or `InvalidStateError` for what is no picture. */
  async add(file: Blob): Promise<string> {
    const room = await storage();
    if (room && room.quota - room.used < LEFT_BYTES_MIN) throw new NoRoom();
    const photo = await scaled(file);
    const hash = await sha256(photo);
    const held = await this.held(hash);
    if (!held) {
      const lying = { _id: hash, kind: photo.type, ...(await this.sealed(hash, photo)) };
      await this.anew(() => this.db.put(lying));
    }
    await this.reread();
    return hash;
  }

  reopen(): void {
    this.db.close().catch(() => {}); // as in `Store`
    this.db = photosHere(this.vault.alias);
  }

  private anew<T>(work: () => Promise<T>): Promise<T> {
    return this.stopped.signal.aborted ? work() : reopening(this, work);
  }

  /** Seals what a former version of the page left here as it is. */
  async prepare(): Promise<void> {
    const { rows } = await this.db.allDocs({ include_docs: true });
    for (const { doc } of rows) {
      if (!doc || doc.kind !== undefined) continue;
      const photo = await this.photo(doc._id);
      await this.db.put({ ...doc, kind: photo.type, ...(await this.sealed(doc._id, photo)) });
    }
  }

  /** All that lies here. */
  async lying(): Promise<string[]> {
    const { rows } = await this.anew(() => this.db.allDocs());
    return rows.map(({ id }) => id);
  }

  async remove(hashes: string[]): Promise<void> {
    for (const hash of hashes) {
      const held = await this.held(hash);
      if (held) await this.anew(() => this.db.remove(held));
    }
    await this.reread();
  }

  /** For an `<img>`; whoever asks gives it back by `URL.revokeObjectURL`. Undefined when it is not here, or damaged. */
  async url(hash: string): Promise<string | undefined> {
    try {
      return (await this.held(hash)) && URL.createObjectURL(await this.photo(hash));
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      return undefined;
    }
  }

  /** How many bytes it has as it lies here. */
  async sizeOf(hash: string): Promise<number> {
    const { _attachments } = await this.db.get(hash);
    return (_attachments?.photo as PouchDB.Core.StubAttachment | undefined)?.length ?? 0;
  }

  /** Sends the photos of reports that the gateway holds, one after the other. Whoever calls meanwhile waits for that. */
  send(reports: { id: string; photos: string[] }[]): Promise<void> {
    this.sending ??= this.sendAll(reports).finally(() => {
      this.sending = undefined;
    });
    return this.sending;
  }

  async reread(): Promise<void> {
    const { rows } = await this.anew(() => this.db.allDocs({ include_docs: true }));
    this.waiting.value = new Map(rows.map(({ id, doc }) => [id, doc?.refused]));
  }

  /** Whether a report's photo is still to be sent. */
  isToGo(hash: string, report: string): boolean {
    return this.waiting.value.has(hash) && this.waiting.value.get(hash)?.report !== report;
  }

  /** What is going out stops where it is, and goes on another time. */
  stop(): void {
    this.stopped.abort();
  }

  close(): Promise<void> {
    this.stop();
    return this.db.close();
  }

  destroy(): Promise<void> {
    return this.db.destroy();
  }

  private async sendAll(reports: { id: string; photos: string[] }[]): Promise<void> {
    await this.reread();
    for (const { id, photos } of reports) {
      for (const hash of photos) {
        if (this.stopped.signal.aborted) return;
        if (this.isToGo(hash, id)) await this.sendOne(id, hash);
      }
    }
  }

  private async sendOne(report: string, hash: string, time = 1): Promise<void> {
    try {
      const photo = await this.photo(hash);
      await upload(() => this.session.tokenOf(this.vault.alias), photo, report, hash, this.stopped.signal);
      await this.remove([hash]);
    } catch (error) {
      if (this.stopped.signal.aborted) return;
      if (error instanceof Damaged) return this.refuse(report, hash, 'damaged_here');
      // begun at a gateway that this one knows nothing of: again from the beginning, now or with the next sync
      if (error instanceof Refused && error.problem.code === 'no_such_upload') {
        if (time < TRIES_MAX) return this.sendOne(report, hash, time + 1);
        throw error;
      }
      // what is not taken now, and never will be, is said; anything else is tried again with the next sync
      if (!(error instanceof Refused) || ![400, 403, 404, 413, 460].includes(error.problem.status)) throw error;
      const held = await this.db.get(hash);
      const tries = (held.tries ?? 0) + 1;
      // what was damaged on its way goes again from the beginning
      const isFinal = error.problem.code !== 'photo_damaged' || tries >= TRIES_MAX;
      if (isFinal) return this.refuse(report, hash, failureOf(error));
      await this.db.put({ ...held, tries });
      await this.sendOne(report, hash);
    }
  }

  private async refuse(report: string, hash: string, why: Failure): Promise<void> {
    await this.db.put({ ...(await this.db.get(hash)), refused: { report, why } });
    await this.reread();
  }

  private async sealed(hash: string, photo: Blob) {
    const data = new Blob([await this.vault.seal(hash, await photo.arrayBuffer())]);
    return { _attachments: { photo: { content_type: 'application/octet-stream', data } } };
  }

  async photo(hash: string): Promise<Blob> {
    const { kind } = await this.anew(() => this.db.get(hash));
    const lying = (await this.db.getAttachment(hash, 'photo')) as Blob;
    if (kind === undefined) return lying;
    const bytes = new Uint8Array(await lying.arrayBuffer());
    return new Blob([await this.vault.unseal(hash, bytes)], { type: kind });
  }

  private async held(hash: string) {
    const { rows } = await this.anew(() => this.db.allDocs({ keys: [hash], include_docs: true }));
    const [row] = rows;
    return row && 'doc' in row && row.doc ? row.doc : undefined;
  }
}

/** How many photos of somebody wait here that the gateway does not have, whether or not their vault is open. */
export async function photosOf(alias: string): Promise<number> {
  const db = photosHere(alias);
  const { rows } = await db.allDocs({ include_docs: true });
  return rows.filter(({ doc }) => doc && !doc.refused).length;
}

export async function forgetPhotos(alias: string): Promise<void> {
  await photosHere(alias).destroy();
}

const photosHere = (alias: string): PouchDB.Database<Kept> =>
  new PouchDB(`d110-photos:${alias}`, { auto_compaction: true });

/** Throws `Refused` for an error answer, `TypeError` where there is no network, or whatever `token` throws. */
function upload(token: () => string, photo: Blob, report: string, hash: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (error: unknown): void => {
      void sending.abort();
      reject(error);
    };
    const sending = new Upload(photo, {
      endpoint: '/photos',
      // asked first how far it came; where nobody knows of it, it is begun
      uploadUrl: `/photos/${encodeURIComponent(report)}/${hash}`,
      metadata: { report, sha256: hash },
      chunkSize: CHUNK_BYTES,
      retryDelays: null,
      storeFingerprintForResuming: false,
      onBeforeRequest: (request) => {
        try {
          request.setHeader('Authorization', `Bearer ${token()}`);
        } catch (error) {
          stop(error);
        }
      },
      onSuccess: () => resolve(),
      onError: (error) => reject(explained(error)),
    });
    signal.addEventListener('abort', () => stop(new LoggedOut(report)), { once: true });
    sending.start();
  });
}

function explained(error: Error): Error {
  const answer = error instanceof DetailedError ? error.originalResponse : undefined;
  if (!answer?.getStatus()) return new TypeError(error.message);
  const isJson = /json/.test(answer.getHeader('Content-Type') ?? '');
  return new Refused({ ...(isJson ? JSON.parse(answer.getBody()) : {}), status: answer.getStatus() });
}

/** Upright, at most `SIDE_MAX` on the longer side, and without what the camera wrote beside the picture. */
async function scaled(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, SIDE_MAX / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no canvas'))), 'image/jpeg', QUALITY);
  });
}

async function sha256(blob: Blob): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
