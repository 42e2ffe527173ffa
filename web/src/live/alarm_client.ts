// The conversation on the alarms' own stream: everybody in reach, each bed's newest state, and a word back
// once it is on the screen. It is apart from the stream of readings so that no alarm waits behind a waveform.
import type { AlarmBed, AlarmFrame } from '../api/alarm_shapes';
import { Line, parsed, type Connection, type Surroundings } from './line';

export interface AlarmSurroundings extends Surroundings {
  /** Runs the function once what was drawn since is to be seen. */
  painted(run: () => void): void;
  /** The screen that this browser is; null: one that nobody relies on. */
  screen(): ScreenKey | null;
  /** Alarms are to be seen now, and not what covers a screen that is locked; and to be heard. */
  glass(): { isSeen: boolean; isHeard: boolean };
}

/** What a screen that has to confirm proves itself with. */
export interface ScreenKey {
  id: string;
  key: string;
}

export type ScreenAnswer = Extract<AlarmFrame, { type: 'display' }>;

export interface AlarmReceiver {
  /** `all`: whoever is not named is not watched. */
  beds(beds: AlarmBed[], all: boolean): void;
  heartbeat(watching: boolean, asOf: string): void;
  heard(serverTime: string): void;
  /** Whether the server expects this screen to confirm. */
  screen(answer: ScreenAnswer): void;
  connection(connection: Connection): void;
}

export class AlarmClient {
  private readonly line: Line;
  /** Grows with each connection: a frame of one that broke is not confirmed on the next. */
  private turn = 0;
  /** The newest frame of beds that is on the glass. */
  private painted = 0;
  private isPainting = false;

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

  /** Says which screen this is, if it is one that people rely on. */
  sayWhich(): void {
    const screen = this.around.screen();
    if (screen && this.line.state === 'live') this.line.send({ type: 'display', ...screen });
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
        this.painted = 0;
        this.sayWhich();
        break;
      case 'display':
        this.receiver.screen(frame);
        break;
      case 'beds':
        this.receiver.beds(frame.beds, frame.all);
        this.confirm(frame.number);
        break;
      case 'heartbeat':
        this.receiver.heard(frame.server_time);
        this.receiver.heartbeat(frame.watching, frame.as_of);
        this.confirmScreen();
        break;
    }
  }

  private confirm(number: number): void {
    const { turn } = this;
    this.around.painted(() => {
      if (turn !== this.turn) return;
      this.painted = number;
      this.line.send({ type: 'shown', number });
    });
  }

  /** That alarms are on the glass and can be heard: with each heartbeat, once it is drawn. */
  private confirmScreen(): void {
    // A tab that is hidden draws nothing: what waits to be drawn does not pile up.
    if (this.isPainting || this.around.screen() === null) return;
    this.isPainting = true;
    const { turn } = this;
    this.around.painted(() => {
      this.isPainting = false;
      const { isSeen, isHeard } = this.around.glass();
      if (turn === this.turn && isSeen)
        this.line.send({ type: 'painted', number: this.painted, sound: isHeard });
    });
  }
}
