// The lock of a screen that nobody touches (HIPAA 164.312(a)(2)(iii), automatic logoff): when it falls,
// that it stands after a reload and in every tab of the browser, and when it opens. It covers what is on
// the screen; the session behind it goes on, so that what the ward's devices signal is still told.
import { signal, type ReadonlySignal } from '@preact/signals';

/** What of a browser's storage all its tabs share. */
export interface Kept {
  read(name: string): string | null;
  /** Null: taken away. */
  write(name: string, value: string | null): void;
}

export const lockPlace = 'vigil.lock';
export const touchedPlace = 'vigil.touched';

/** Between two notes for the other tabs that somebody is there. */
const noteMs = 5000;

export class IdleLock {
  private readonly isLocked = signal(false);
  readonly locked: ReadonlySignal<boolean> = this.isLocked;
  /** When somebody was last there, in any tab; milliseconds since 1970. */
  private touchedMs: number;
  private notedMs = 0;

  constructor(
    private readonly kept: Kept,
    private readonly now: () => number,
    /** Without a touch; 0: never. */
    private readonly limitMs: () => number,
  ) {
    this.touchedMs = now();
  }

  /** The page begins with a session that was there before it: it may have been left for long. */
  resume(): void {
    if (this.kept.read(lockPlace) !== null) {
      this.isLocked.value = true;
      return;
    }
    this.touchedMs = this.noted() ?? this.touchedMs;
    this.check();
  }

  /** Somebody has shown who they are. */
  open(): void {
    this.touchedMs = this.now();
    this.note();
    this.kept.write(lockPlace, null);
    this.isLocked.value = false;
  }

  lock(): void {
    this.isLocked.value = true;
    this.kept.write(lockPlace, String(this.now()));
  }

  /** A key, a press, a move. One that comes too late does not keep the screen open. */
  touched(): void {
    if (this.isLocked.peek() || this.check()) return;
    this.touchedMs = this.now();
    if (Math.abs(this.touchedMs - this.notedMs) >= noteMs) this.note();
  }

  /** Locks where the time is over; true: it is locked. */
  check(): boolean {
    if (this.isLocked.peek()) return true;
    const now = this.now();
    // A clock that was set back: nobody was there in the future.
    if (this.touchedMs > now) this.touchedMs = now;
    if (!this.isOver(now)) return false;
    // A tab that slept has heard of nobody who was in another.
    this.readTouched();
    if (this.isOver(now)) this.lock();
    return this.isLocked.peek();
  }

  /** Another tab wrote; null: everything was taken away. Says whether it opened what is locked here. */
  heard(place: string | null): boolean {
    if (place === touchedPlace) this.readTouched();
    if (place !== lockPlace && place !== null) return false;
    const stands = this.kept.read(lockPlace) !== null;
    if (stands) this.isLocked.value = true;
    return place === lockPlace && !stands && this.isLocked.peek();
  }

  private note(): void {
    this.notedMs = this.touchedMs;
    this.kept.write(touchedPlace, String(this.touchedMs));
  }

  private isOver(now: number): boolean {
    const limit = this.limitMs();
    return limit > 0 && now - this.touchedMs >= limit;
  }

  private noted(): number | null {
    const noted = Number(this.kept.read(touchedPlace) ?? NaN);
    // All tabs have one clock: what lies ahead was noted before it was set back, and says nothing.
    return noted <= this.now() ? noted : null;
  }

  private readTouched(): void {
    this.touchedMs = Math.max(this.touchedMs, this.noted() ?? 0);
  }
}
