// A lane of the timeline: its name, the value under the cursor, the chart.
import type { ReadonlySignal } from '@preact/signals';
import type { TimelineView } from '../state/route';
import type { Trend } from '../state/trend';
import type { ChartFrame } from '../trend/trend_chart';
import { nearest, type TrendData } from '../trend/trend_columns';
import type { TrendLane } from '../trend/trend_lanes';
import { decimalsOf, localDateTime, localNumber } from '../vital/format';
import { locale, t } from '../words';
import { vitalName } from './metric_names';
import { TrendChart } from './trend_chart';

interface Props {
  lane: TrendLane;
  unit: string;
  trend: Trend;
  view: TimelineView;
  extent: ReadonlySignal<{ fromMs: number; toMs: number }>;
  cursorMs: number | null;
  onCursor: (ms: number | null) => void;
  time: ChartFrame['time'];
  showsTimes: boolean;
  palette: string;
  csvHref: (metrics: readonly string[]) => string;
}

const write = (value: number) => localNumber(value, locale.value, Math.abs(value) < 50 ? 1 : 0);

/** "78" or, where it stands for many, "78 (71–92)", for each line that has a value at the cursor. */
function valuesAt(trend: TrendData, ms: number, withinMs: number): string[] {
  return trend.lines.flatMap((line) => {
    const at = nearest(trend, line.mean, ms, withinMs);
    if (at === null) return [];
    const [mean, low, high] = [line.mean, line.min, line.max].map(
      (n) => trend.data[n]?.[at] ?? NaN,
    );
    if (mean === undefined || low === undefined || high === undefined) return [];
    return [trend.bucketS > 0 ? `${write(mean)} (${write(low)}–${write(high)})` : write(mean)];
  });
}

function summary(name: string, unit: string, trend: TrendData, extent: Props['extent']) {
  const { fromMs, toMs } = extent.peek();
  const span = {
    name,
    from: localDateTime(fromMs, locale.value),
    to: localDateTime(toMs, locale.value),
  };
  if (trend.lines.length === 0) return t('timeline.lane_empty', span);
  return t('timeline.lane', { ...span, low: write(trend.low), high: write(trend.high), unit });
}

function LaneBody(props: Props & { name: string }) {
  const { lane, trend, extent, unit, name } = props;
  switch (trend.state) {
    case 'loading':
      return <p class="trend__note">{t('app.loading', { what: name })}</p>;
    case 'failed':
      return <p class="trend__note">{t('timeline.failed')}</p>;
    case 'shown':
      return (
        <>
          <TrendChart
            trend={trend.trend}
            colour={lane.colour}
            frame={{
              showsTimes: props.showsTimes,
              episodic: lane.metric.expected_interval_s === 0,
              time: props.time,
              number: (value) =>
                localNumber(value, locale.value, decimalsOf(String(value)) > 0 ? 1 : 0),
            }}
            extent={extent}
            palette={props.palette}
            label={summary(name, unit, trend.trend, extent)}
            onCursor={props.onCursor}
          />
          {trend.trend.lines.length === 0 && <p class="trend__note">{t('timeline.no_values')}</p>}
        </>
      );
  }
}

export function TimelineLane(props: Props) {
  const { lane, unit, trend, cursorMs, view } = props;
  const name = vitalName(lane.name, lane.metric.display);
  const withinMs = view.spanS * 20;
  const values =
    trend.state === 'shown' && cursorMs !== null ? valuesAt(trend.trend, cursorMs, withinMs) : [];
  return (
    <div class="trend" data-colour={lane.colour} data-times={props.showsTimes}>
      <div class="trend__about">
        <h3>
          {name} <small>{unit}</small>
        </h3>
        <p class="trend__values">{values.join(' / ')}</p>
        <a
          class="trend__csv"
          href={props.csvHref(lane.metrics)}
          download={`${lane.name}.csv`}
          aria-label={t('timeline.csv_of', { name })}
        >
          {t('timeline.csv')}
        </a>
      </div>
      <div class="trend__place">
        <LaneBody {...props} name={name} />
      </div>
    </div>
  );
}
