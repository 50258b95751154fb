/** The board's event stream. It goes on from the event that the board was read at, so that no change falls between. */
import type { Session } from '../shared/session';

export interface LightsEvent {
  village: string;
  lights: string;
  at: string;
}
export interface Listener {
  /** Something came: lights, or the beat that says there is nothing new. */
  alive: () => void;
  lights: (event: LightsEvent) => void;
  /** The stream has a gap: what is shown must be read again. */
  reset: () => void;
}

/** The gateway beats every 10 s; two missed beats mean that what is shown may be old. */
export const STALE_AFTER_MS = 25_000;
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 30_000;

export class LiveStream {
  private source: EventSource | undefined;
  private retryMs = RETRY_MS_MIN;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastEventId = '';
  private isClosed = false;

  constructor(
    private readonly division: string,
    private readonly session: Session,
    private readonly listener: Listener,
  ) {}

  /** `lastEventId`: the event that what is shown was read at. */
  open(lastEventId: string): void {
    this.hangUp();
    this.lastEventId = lastEventId;
    const query = new URLSearchParams({ last_event_id: lastEventId });
    const source = new EventSource(`/board/${this.division}/events?${query}`);
    this.source = source;
    source.addEventListener('open', () => {
      this.retryMs = RETRY_MS_MIN;
      this.listener.alive();
    });
    source.addEventListener('beat', (event) => this.heard(event));
    source.addEventListener('lights', (event) => {
      this.heard(event);
      this.listener.lights(JSON.parse(event.data) as LightsEvent);
    });
    source.addEventListener('reset', (event) => {
      this.heard(event);
      this.listener.reset();
    });
    source.addEventListener('error', () => {
      // a cut line the browser mends by itself, with the last event's id; a refusal it does not
      if (source.readyState === EventSource.CLOSED) this.reopenLater();
    });
  }

  private heard(event: MessageEvent): void {
    this.lastEventId = event.lastEventId;
    this.listener.alive();
  }

  /** The line looks dead though nobody said so. */
  reopen(): void {
    if (!this.isClosed) this.open(this.lastEventId);
  }

  /** For good: the page shows something else, or nobody is logged in. */
  close(): void {
    this.isClosed = true;
    this.hangUp();
  }

  private hangUp(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = undefined;
  }

  private reopenLater(): void {
    if (this.isClosed) return;
    this.hangUp();
    this.timer = setTimeout(() => {
      // renews the log-in and its cookie if that was the reason; whatever it answers, opening again shows
      this.session.fetch('/auth/me').then(
        () => this.reopen(),
        () => this.reopenLater(),
      );
    }, this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MS_MAX);
  }
}
