// The timeline of a patient: all trends, and the devices, on one time axis, with one cursor.
import { useComputed, useSignal, type ReadonlySignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Device } from '../api/shapes';
import type { TimelineView } from '../state/route';
import type { Trend } from '../state/trend';
import { axisWidth } from '../trend/trend_chart';
import { extentOf, moved, spansS, zoomed } from '../trend/timeline_view';
import type { TrendLane } from '../trend/trend_lanes';
import { localDateTime, localSpan } from '../vital/format';
import { locale, t } from '../words';
import { loaded } from './loaded';
import { useGestures } from './timeline_gestures';
import { TimelineLane } from './timeline_lane';
import './timeline.css';

const AlarmLane = loaded(() => import('./alarm_lane').then((it) => it.AlarmLane));

export interface LaneTrend {
  lane: TrendLane;
  unit: string;
  trend: ReadonlySignal<Trend>;
}

interface Props {
  /** Whose alarms are marked; null: nobody's. */
  alarmsOf: string | null;
  lanes: readonly LaneTrend[];
  devices: readonly Device[];
  view: TimelineView;
  now: ReadonlySignal<number>;
  palette: string;
  onView: (view: TimelineView) => void;
  csvHref: (metrics: readonly string[]) => string;
}

const hour = 3_600_000;

/** Times on the axis: as fine as the span asks for, in the viewer's zone. */
function timeOnAxis(ms: number, spanMs: number): string {
  const part: Intl.DateTimeFormatOptions =
    spanMs <= hour / 4
      ? { hour: '2-digit', minute: '2-digit', second: '2-digit' }
      : spanMs <= 36 * hour
        ? { hour: '2-digit', minute: '2-digit' }
        : spanMs <= 10 * 24 * hour
          ? { weekday: 'short', day: 'numeric', hour: '2-digit' }
          : { day: 'numeric', month: 'short' };
  return new Intl.DateTimeFormat(locale.value, part).format(ms);
}

function Controls({ view, now, onView }: Pick<Props, 'view' | 'now' | 'onView'>) {
  const nowMs = () => now.peek();
  const { fromMs, toMs } = extentOf(view, now.value);
  return (
    <div class="timeline__controls">
      <div class="timeline__spans" role="group" aria-label={t('timeline.span')}>
        {spansS.map((span) => (
          <button
            key={span}
            aria-pressed={Math.abs(view.spanS - span) < 1}
            onClick={() => onView({ ...view, spanS: span })}
          >
            {t(`timeline.span.${span}`)}
          </button>
        ))}
      </div>
      <p class="timeline__when">
        {view.toMs === null
          ? `${localDateTime(fromMs, locale.value)} – ${t('timeline.live')}`
          : localSpan(fromMs, toMs, locale.value)}
      </p>
      <div class="timeline__moves">
        <button
          aria-label={t('timeline.earlier')}
          onClick={() => onView(moved(view, -0.5, nowMs()))}
        >
          ←
        </button>
        <button aria-label={t('timeline.later')} onClick={() => onView(moved(view, 0.5, nowMs()))}>
          →
        </button>
        <button
          aria-label={t('timeline.zoom_out')}
          onClick={() => onView(zoomed(view, 2, 1, nowMs()))}
        >
          −
        </button>
        <button
          aria-label={t('timeline.zoom_in')}
          onClick={() => onView(zoomed(view, 0.5, 1, nowMs()))}
        >
          +
        </button>
        <button
          aria-pressed={view.toMs === null}
          onClick={() => onView({ spanS: view.spanS, toMs: null })}
        >
          {t('timeline.now')}
        </button>
      </div>
    </div>
  );
}

/** Since when each device has been on this patient. */
function DeviceLane({
  devices,
  fromMs,
  toMs,
}: {
  devices: readonly Device[];
  fromMs: number;
  toMs: number;
}) {
  const share = (ms: number) => Math.min(1, Math.max(0, (ms - fromMs) / (toMs - fromMs)));
  return (
    <div class="trend trend--devices">
      <div class="trend__about">
        <h3>{t('timeline.device_lane')}</h3>
      </div>
      <ul class="trend__place" style={{ paddingInlineStart: `${axisWidth}px` }}>
        {devices.map((device) => (
          <li
            key={device.id}
            class="span"
            style={{ marginInlineStart: `${share(Date.parse(device.attached_from ?? '')) * 100}%` }}
          >
            {device.display}
          </li>
        ))}
      </ul>
    </div>
  );
}

export function Timeline(props: Props) {
  const { alarmsOf, lanes, devices, view, now, palette, onView, csvHref } = props;
  const cursorMs = useSignal<number | null>(null);
  const latestView = useSignal(view);
  latestView.value = view;
  const extent = useComputed(() => extentOf(latestView.value, now.value));
  const area = useRef<HTMLDivElement>(null);
  useGestures(area, axisWidth, view, now, onView);
  const { fromMs, toMs } = extent.value;
  return (
    <section class="timeline" aria-labelledby="timeline-title">
      <h2 id="timeline-title" class="only-heard">
        {t('timeline.title')}
      </h2>
      <Controls view={view} now={now} onView={onView} />
      <p class="only-heard">{t('timeline.help')}</p>
      <div class="timeline__lanes" ref={area}>
        {alarmsOf !== null && <AlarmLane patient={alarmsOf} view={view} extent={extent} />}
        {devices.length > 0 && <DeviceLane devices={devices} fromMs={fromMs} toMs={toMs} />}
        {lanes.map(({ lane, unit, trend }, i) => (
          <TimelineLane
            key={lane.name}
            lane={lane}
            unit={unit}
            trend={trend.value}
            view={view}
            extent={extent}
            cursorMs={cursorMs.value}
            onCursor={(ms) => (cursorMs.value = ms)}
            time={timeOnAxis}
            showsTimes={i === 0}
            palette={palette}
            csvHref={csvHref}
          />
        ))}
      </div>
    </section>
  );
}
