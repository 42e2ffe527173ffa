// The one conversation with the server's live stream: connects, subscribes, resumes where it was cut
// off, and says at every moment whether what it delivered is live. It draws nothing and keeps no
// readings.
import { Line, parsed, type Connection, type Surroundings } from './line';
import type { ServerFrame, Subscription, WaveformBlock } from './messages';
import { decodeWaveformFrame } from './waveform_frames';

export type { Connection, Socket, Surroundings } from './line';

export interface Receiver {
  frame(frame: ServerFrame): void;
  waveforms(blocks: WaveformBlock[]): void;
  /** A snapshot came that nobody asked for: whom the account reaches may have changed. */
  begunAnew(): void;
  /** The account reaches nobody of those whom the subscription names: the stream is closed. */
  refused(): void;
  connection(connection: Connection): void;
}

export class LiveClient {
  private readonly line: Line;
  private subscription: Subscription | null = null;
  private cursor: string | null = null;
  /** Cursors of the subscription before say nothing of what this one was sent. */
  private awaitsSnapshot = false;
  private isForbidden = false;

  constructor(
    around: Surroundings,
    private readonly receiver: Receiver,
  ) {
    this.line = new Line(around, {
      received: (data) => this.received(data),
      isRefused: () => this.isForbidden,
      connection: (connection) => {
        receiver.connection(connection);
        if (connection.state === 'idle' && this.isForbidden) receiver.refused();
      },
    });
  }

  /** Says what to send from now on, and connects if need be. Starts from a snapshot. */
  subscribe(subscription: Subscription): void {
    this.subscription = subscription;
    this.begin();
    if (this.line.state === 'live') this.sendSubscription();
    else this.line.hold();
  }

  /**
   * The same subscription with or without waveforms. Without: going on where it is. With: from a
   * snapshot, which brings what the strips show.
   */
  showWaveforms(waveforms: boolean): void {
    if (!this.subscription || this.subscription.waveforms === waveforms) return;
    this.subscription = { ...this.subscription, waveforms };
    if (waveforms) this.begin();
    if (this.line.state === 'live') this.sendSubscription();
  }

  retryNow(): void {
    this.line.retryNow();
  }

  stop(): void {
    this.subscription = null;
    this.begin();
    this.line.stop();
  }

  private received(data: unknown): void {
    if (typeof data === 'string') this.receivedText(data);
    else if (data instanceof ArrayBuffer) this.receiver.waveforms(decodeWaveformFrame(data));
  }

  private receivedText(data: string): void {
    const frame = parsed(data) as ServerFrame | null;
    if (!frame) return;
    if (frame.type === 'hello') {
      this.sendSubscription();
      this.line.greeted(frame.heartbeat_s);
    }
    const anew = frame.type === 'snapshot' && frame.last && !this.awaitsSnapshot;
    if (frame.type === 'snapshot' && frame.last) this.awaitsSnapshot = false;
    if ('cursor' in frame && frame.cursor !== null && !this.awaitsSnapshot)
      this.cursor = frame.cursor;
    if (frame.type === 'error' && frame.error.kind === 'forbidden') this.isForbidden = true;
    this.receiver.frame(frame);
    if (anew) this.receiver.begunAnew();
  }

  private begin(): void {
    this.isForbidden = false;
    this.cursor = null;
    this.awaitsSnapshot = true;
  }

  private sendSubscription(): void {
    if (this.subscription)
      this.line.send({ type: 'subscribe', ...this.subscription, resume: this.cursor });
  }
}
