// The conversation on the alarms' own stream: everybody in reach, each bed's newest state, and a word back
// once it is on the screen. It is apart from the stream of readings so that no alarm waits behind a waveform.
import type { AlarmBed, AlarmFrame } from '../api/alarm_shapes';
import { Line, parsed, type Connection, type Surroundings } from './line';

export interface AlarmSurroundings extends Surroundings {
  /** Runs the function once what was drawn since is to be seen. */
  painted(run: () => void): void;
}

export interface AlarmReceiver {
  /** `all`: whoever is not named is not watched. */
  beds(beds: AlarmBed[], all: boolean): void;
  heartbeat(watching: boolean, asOf: string): void;
  heard(serverTime: string): void;
  connection(connection: Connection): void;
}

export class AlarmClient {
  private readonly line: Line;
  /** Grows with each connection: a frame of one that broke is not confirmed on the next. */
  private turn = 0;

  constructor(
    private readonly around: AlarmSurroundings,
    private readonly receiver: AlarmReceiver,
  ) {
    this.line = new Line(around, {
      received: (data) => this.received(data),
      isRefused: () => false,
      connection: (connection) => receiver.connection(connection),
    });
  }

  start(): void {
    this.line.hold();
  }

  retryNow(): void {
    this.line.retryNow();
  }

  stop(): void {
    this.turn += 1;
    this.line.stop();
  }

  private received(data: unknown): void {
    const frame = typeof data === 'string' ? (parsed(data) as AlarmFrame | null) : null;
    if (!frame) return;
    switch (frame.type) {
      case 'hello':
        this.turn += 1;
        this.receiver.heard(frame.server_time);
        this.line.greeted(frame.heartbeat_s);
        break;
      case 'beds':
        this.receiver.beds(frame.beds, frame.all);
        this.confirm(frame.number);
        break;
      case 'heartbeat':
        this.receiver.heard(frame.server_time);
        this.receiver.heartbeat(frame.watching, frame.as_of);
        break;
    }
  }

  private confirm(number: number): void {
    const { turn } = this;
    this.around.painted(() => {
      if (turn === this.turn) this.line.send({ type: 'shown', number });
    });
  }
}
