// Asks for the trends that a timeline shows, and asks again while it follows now.
import { signal, type ReadonlySignal } from '@preact/signals';
import { readWindow } from '../api/calls';
import type { Metric } from '../api/shapes';
import { extentOf, refreshMs } from '../trend/timeline_view';
import { alignTrends, type TrendData } from '../trend/trend_columns';
import type { TimelineView } from './route';

export type Trend =
  { state: 'loading' } | { state: 'shown'; trend: TrendData } | { state: 'failed' };

export interface TrendQuestion {
  patient: string;
  metrics: readonly string[];
  view: TimelineView;
  points: number;
  convert: (value: number) => number;
}

/** While someone zooms, only the view they stop at is asked for. */
const settleMs = 150;
/** A little more than is seen, so that dragging does not run into emptiness at once. */
const marginShare = 0.1;

export class TrendLoader {
  private readonly latest = signal<Trend>({ state: 'loading' });
  private stopAsking: () => void = () => undefined;

  constructor(
    private readonly catalogue: ReadonlyMap<string, Metric>,
    private readonly now: () => number,
  ) {}

  get trend(): ReadonlySignal<Trend> {
    return this.latest;
  }

  ask(question: TrendQuestion): void {
    this.stopAsking();
    const aborting = new AbortController();
    let timer = setTimeout(
      () => void load(),
      this.latest.peek().state === 'loading' ? 0 : settleMs,
    );
    const load = async () => {
      const trend = await this.load(question, aborting.signal);
      if (aborting.signal.aborted) return;
      if (trend || this.latest.peek().state !== 'shown')
        this.latest.value = trend ? { state: 'shown', trend } : { state: 'failed' };
      if (question.view.toMs === null || !trend)
        timer = setTimeout(() => void load(), refreshMs(question.view.spanS));
    };
    this.stopAsking = () => {
      aborting.abort();
      clearTimeout(timer);
    };
  }

  stop(): void {
    this.stopAsking();
  }

  private async load(question: TrendQuestion, aborted: AbortSignal): Promise<TrendData | null> {
    const { patient, metrics, view, points, convert } = question;
    const { fromMs, toMs } = extentOf(view, this.now());
    const margin = (toMs - fromMs) * marginShare;
    const answers = await Promise.all(
      metrics.map((metric) =>
        readWindow({ patient, metric, from: fromMs - margin, to: toMs + margin, points }, aborted),
      ),
    );
    const windows = answers.flatMap((answer) => (answer.ok ? [answer.body] : []));
    if (windows.length < answers.length) return null;
    return alignTrends(
      windows.map((window) => ({
        window,
        expectedIntervalS: this.catalogue.get(window.metric)?.expected_interval_s ?? 0,
      })),
      convert,
    );
  }
}
