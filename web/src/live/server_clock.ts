// The server's time, from the times its frames carry. Ages are told by it: a viewer's wrong clock
// must not make a value look fresh.

/** Of the last so many frames the quickest tells the offset best: delays only ever add. */
const framesKept = 30;

export class ServerClock {
  private readonly offsets: number[] = [];
  private offsetMs = 0;

  constructor(private readonly localNow: () => number) {}

  heard(serverTime: string): void {
    const offset = Date.parse(serverTime) - this.localNow();
    if (!Number.isFinite(offset)) return;
    this.offsets.push(offset);
    if (this.offsets.length > framesKept) this.offsets.shift();
    this.offsetMs = Math.max(...this.offsets);
  }

  now(): number {
    return this.localNow() + this.offsetMs;
  }
}
