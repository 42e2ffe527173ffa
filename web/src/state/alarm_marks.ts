// The alarms that began in what a timeline shows; asked again while it follows now.
import { signal, type ReadonlySignal } from '@preact/signals';
import { readAlarmEvents } from '../api/alarm_calls';
import { alarmsAt, type AlarmAt } from '../ecg/marks';
import { extentOf, refreshMs } from '../trend/timeline_view';
import type { TimelineView } from './route';

export interface AlarmMarks {
  alarms: readonly AlarmAt[];
  /** There was more than is read: what is older than this is not known. */
  knownFromMs: number | null;
}

/** Events that are read, of every type: those that are no onset are read over. */
const eventsMax = 2000;
/** While someone zooms, only the view they stop at is asked for. */
const settleMs = 200;
const refreshLeastMs = 10_000;

export class AlarmMarksLoader {
  private readonly latest = signal<AlarmMarks>({ alarms: [], knownFromMs: null });
  private stopAsking: () => void = () => undefined;

  constructor(private readonly now: () => number) {}

  get marks(): ReadonlySignal<AlarmMarks> {
    return this.latest;
  }

  ask(patient: string, view: TimelineView): void {
    this.stopAsking();
    const aborting = new AbortController();
    const load = async () => {
      const { fromMs, toMs } = extentOf(view, this.now());
      const answer = await readAlarmEvents(
        { patient, from: Math.floor(fromMs), to: Math.ceil(toMs), limit: eventsMax },
        aborting.signal,
      );
      if (aborting.signal.aborted) return;
      if (answer.ok) {
        const { events, next } = answer.body;
        const oldest = events.at(-1);
        this.latest.value = {
          alarms: alarmsAt(events),
          knownFromMs: next !== null && oldest ? Date.parse(oldest.time) : null,
        };
      }
      if (view.toMs === null || !answer.ok)
        timer = setTimeout(() => void load(), Math.max(refreshLeastMs, refreshMs(view.spanS)));
    };
    let timer = setTimeout(() => void load(), settleMs);
    this.stopAsking = () => {
      aborting.abort();
      clearTimeout(timer);
    };
  }

  stop(): void {
    this.stopAsking();
  }
}
