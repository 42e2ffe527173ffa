// The one conversation with the server's live stream: connects, subscribes, resumes where it was cut
// off, and says at every moment whether what it delivered is live. It draws nothing and keeps no
// readings.
import type { ServerFrame, Subscription, WaveformBlock } from './messages';
import { decodeWaveformFrame } from './waveform_frames';

export type Connection =
  | { state: 'idle' }
  | { state: 'connecting'; since: number }
  | { state: 'live'; since: number }
  | { state: 'lost'; since: number; attempt: number }
  | { state: 'ended' };

/** What the client needs of a WebSocket; a test plays one by hand. */
export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

export interface Surroundings {
  open(): Socket;
  now(): number;
  /** Runs the function once after so many milliseconds; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
  random(): number;
}

export interface Receiver {
  frame(frame: ServerFrame): void;
  waveforms(blocks: WaveformBlock[]): void;
  /** A snapshot came that nobody asked for: whom the account reaches may have changed. */
  begunAnew(): void;
  /** The account reaches nobody of those whom the subscription names: the stream is closed. */
  refused(): void;
  connection(connection: Connection): void;
}

const firstRetryMs = 250;
const longestRetryMs = 5000;
const missedHeartbeats = 3;
/** The session has ended, or what was subscribed to is forbidden (docs/reference/live-stream.md). */
const signedOutCode = 1008;

/** A frame that is no JSON is a fault of the server: what it might have said is lost, not the rest. */
function parsed(data: string): ServerFrame | null {
  try {
    return JSON.parse(data) as ServerFrame;
  } catch {
    return null;
  }
}

export class LiveClient {
  private connection: Connection = { state: 'idle' };
  private socket: Socket | null = null;
  private subscription: Subscription | null = null;
  private cursor: string | null = null;
  /** Cursors of the subscription before say nothing of what this one was sent. */
  private awaitsSnapshot = false;
  private isForbidden = false;
  private heartbeatMs = 1000;
  private attempt = 0;
  private cancelRetry: () => void = () => undefined;
  private cancelWatch: () => void = () => undefined;

  constructor(
    private readonly around: Surroundings,
    private readonly receiver: Receiver,
  ) {}

  /** Says what to send from now on, and connects if need be. Starts from a snapshot. */
  subscribe(subscription: Subscription): void {
    this.subscription = subscription;
    this.begin();
    if (this.connection.state === 'live') this.sendSubscription();
    else if (this.connection.state === 'idle' || this.connection.state === 'ended') this.connect();
  }

  /**
   * The same subscription with or without waveforms. Without: going on where it is. With: from a
   * snapshot, which brings what the strips show.
   */
  showWaveforms(waveforms: boolean): void {
    if (!this.subscription || this.subscription.waveforms === waveforms) return;
    this.subscription = { ...this.subscription, waveforms };
    if (waveforms) this.begin();
    if (this.connection.state === 'live') this.sendSubscription();
  }

  /** The network is said to be back: no reason to wait out the delay. */
  retryNow(): void {
    if (this.connection.state === 'lost' && !this.socket) {
      this.cancelRetry();
      this.connect();
    }
  }

  stop(): void {
    this.drop();
    this.subscription = null;
    this.begin();
    this.become({ state: 'idle' });
  }

  private connect(): void {
    if (this.connection.state !== 'lost')
      this.become({ state: 'connecting', since: this.around.now() });
    const socket = this.around.open();
    this.socket = socket;
    this.watch();
    socket.onmessage = (event) => {
      if (this.socket === socket) this.received(event.data);
    };
    socket.onclose = (event) => {
      if (this.socket === socket) this.closed(event.code);
    };
  }

  private received(data: unknown): void {
    this.watch();
    if (typeof data === 'string') this.receivedText(data);
    else if (data instanceof ArrayBuffer) this.receiver.waveforms(decodeWaveformFrame(data));
  }

  private receivedText(data: string): void {
    const frame = parsed(data);
    if (!frame) return;
    if (frame.type === 'hello') {
      this.heartbeatMs = frame.heartbeat_s * 1000;
      this.attempt = 0;
      this.sendSubscription();
      this.become({ state: 'live', since: this.around.now() });
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
    if (!this.subscription || !this.socket) return;
    this.socket.send(
      JSON.stringify({ type: 'subscribe', ...this.subscription, resume: this.cursor }),
    );
  }

  /** Three heartbeats without a word, and the connection counts as lost though TCP holds on. */
  private watch(): void {
    this.cancelWatch();
    this.cancelWatch = this.around.after(missedHeartbeats * this.heartbeatMs, () => {
      const silent = this.socket;
      this.closed(0);
      silent?.close();
    });
  }

  private closed(code: number): void {
    this.drop();
    if (code === signedOutCode && this.isForbidden) {
      this.become({ state: 'idle' });
      this.receiver.refused();
      return;
    }
    if (code === signedOutCode) {
      this.become({ state: 'ended' });
      return;
    }
    this.attempt += 1;
    const since = this.connection.state === 'lost' ? this.connection.since : this.around.now();
    this.become({ state: 'lost', since, attempt: this.attempt });
    const delay = Math.min(longestRetryMs, firstRetryMs * 2 ** (this.attempt - 1));
    const jittered = delay * (0.75 + 0.5 * this.around.random());
    this.cancelRetry = this.around.after(jittered, () => this.connect());
  }

  private drop(): void {
    this.cancelWatch();
    this.cancelRetry();
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  private become(connection: Connection): void {
    this.connection = connection;
    this.receiver.connection(connection);
  }
}
