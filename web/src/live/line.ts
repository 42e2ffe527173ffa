// A WebSocket that is held: counted as lost once the server misses three heartbeats though TCP holds on,
// and opened anew until it is back. What is said on it is its owner's.

export type Connection =
  | { state: 'idle' }
  | { state: 'connecting'; since: number }
  | { state: 'live'; since: number }
  | { state: 'lost'; since: number; attempt: number }
  | { state: 'ended' };

/** What a line needs of a WebSocket; a test plays one by hand. */
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

export interface LineOwner {
  received(data: unknown): void;
  /** The server closed it for good: because of what was asked for, and not as the session has ended. */
  isRefused(): boolean;
  connection(connection: Connection): void;
}

const firstRetryMs = 250;
const longestRetryMs = 5000;
const missedHeartbeats = 3;
/** The session has ended, or what was asked for is forbidden (docs/reference/live-stream.md). */
const signedOutCode = 1008;

/** A frame that is no JSON is a fault of the server: what it might have said is lost, not the rest. */
export function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

export class Line {
  private connection: Connection = { state: 'idle' };
  private socket: Socket | null = null;
  private heartbeatMs = 1000;
  private attempt = 0;
  private cancelRetry: () => void = () => undefined;
  private cancelWatch: () => void = () => undefined;

  constructor(
    private readonly around: Surroundings,
    private readonly owner: LineOwner,
  ) {}

  get state(): Connection['state'] {
    return this.connection.state;
  }

  /** Opens it, if it is not open or on its way to be. */
  hold(): void {
    if (this.state === 'idle' || this.state === 'ended') this.connect();
  }

  /** The network is said to be back: no reason to wait out the delay. */
  retryNow(): void {
    if (this.state !== 'lost' || this.socket) return;
    this.cancelRetry();
    this.connect();
  }

  /** The server has said hello, and how often its heart beats. */
  greeted(heartbeatS: number): void {
    this.heartbeatMs = heartbeatS * 1000;
    this.attempt = 0;
    this.become({ state: 'live', since: this.around.now() });
  }

  send(frame: object): void {
    this.socket?.send(JSON.stringify(frame));
  }

  stop(): void {
    this.drop();
    this.become({ state: 'idle' });
  }

  private connect(): void {
    if (this.state !== 'lost') this.become({ state: 'connecting', since: this.around.now() });
    const socket = this.around.open();
    this.socket = socket;
    this.watch();
    socket.onmessage = (event) => {
      if (this.socket !== socket) return;
      this.watch();
      this.owner.received(event.data);
    };
    socket.onclose = (event) => {
      if (this.socket === socket) this.closed(event.code);
    };
  }

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
    if (code === signedOutCode) {
      this.become({ state: this.owner.isRefused() ? 'idle' : 'ended' });
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
    this.owner.connection(connection);
  }
}
