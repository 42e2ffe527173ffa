// A strip on ECG paper: as long as its time is at the speed that was chosen, of which as much is drawn as is in
// sight.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { marginMm, pixelsPerSecond, type PaperScale } from '../ecg/paper';
import { heightOf, secondsIn, timeEveryS, type Lane } from '../ecg/strip_layout';
import { paintStrip } from '../ecg/strip_painter';
import type { ReadEcg } from '../ecg/marks';
import { arrived, passed } from '../ecg/strip_span';
import { endOfAll, gapsOf, type Span } from '../ecg/trace';
import type { Device } from '../api/shapes';
import { colourOf } from '../vital/slots';
import { localNumber, localTime } from '../vital/format';
import { pixelsPerMm } from '../wave/sweep';
import { locale } from '../words';
import { te } from '../words/ecg';
import { stripColours } from './ecg_colours';
import { waveName } from './metric_names';
import './ecg_paper.css';

interface Props {
  lanes: readonly Lane[];
  devices: readonly Device[];
  span: Span;
  read: readonly ReadEcg[];
  atMs: number;
  scale: PaperScale;
  nowMs: number;
  /** Changes when the colours do. */
  palette: string;
  /** What else lies on the paper. */
  children?: ComponentChildren;
}

/** Below the lanes: what happened, and the times. */
const footPx = 44;
/** The event is shown so far from the left edge at first, in shares of what is in sight. */
const atShare = 0.35;

export const xOnPaper = (ms: number, span: Span, scale: PaperScale): number =>
  marginMm(scale) * pixelsPerMm + ((ms - span.fromMs) / 1000) * pixelsPerSecond(scale);

/** To two digits or so; what rounds to nothing has no minus sign. */
function shortNumber(value: number): string {
  const digits = Math.abs(value) < 10 ? 1 : 0;
  const rounded = Math.round(value * 10 ** digits) / 10 ** digits;
  return localNumber(rounded + 0, locale.value, digits);
}

export function laneText(lane: Lane, devices: readonly Device[], scale: PaperScale): string {
  const { trace, extremes } = lane;
  const device = devices.find(({ id }) => id === trace.device)?.display ?? trace.device;
  if (!extremes) return te('strip.lane_empty', { device });
  if (!lane.isEcg) {
    const [low, high] = [shortNumber(extremes.low), shortNumber(extremes.high)];
    return te('strip.lane_plain', { device, low, high, unit: trace.unitShown });
  }
  const text = te('strip.lane_ecg', { device, gain: scale.mmPerMv });
  return lane.isCut ? `${text} · ${te('strip.lane_cut')}` : text;
}

export const laneName = ({ trace }: Lane): string => waveName(trace.metric, trace.metric);

/** What a sighted person sees of it at a glance. */
function heard({ lanes, span, scale, nowMs }: Props): string {
  const seen = arrived(span, nowMs, endOfAll(lanes.map(({ trace }) => trace)));
  const paper = te('strip.paper', {
    from: localTime(span.fromMs, locale.value),
    to: localTime(span.toMs, locale.value),
    speed: scale.mmPerSecond,
    gain: scale.mmPerMv,
  });
  const each = lanes.map((lane) => {
    const { count: n, totalMs } = gapsOf(lane.trace.pieces, seen);
    const time = te('strip.seconds', { n: Math.round(totalMs / 100) / 10 });
    const gaps = n === 0 ? te('strip.no_gap') : te('strip.gaps', { n, time });
    return te('strip.paper_lane', { name: laneName(lane), gaps });
  });
  return [paper, ...each].join(' ');
}

/** Names stand where the traces pass under them. */
function Names({ lanes, devices, scale }: Pick<Props, 'lanes' | 'devices' | 'scale'>) {
  return (
    <div class="ecg-paper__names" aria-hidden="true">
      {lanes.map((lane) => (
        <p
          key={lane.trace.key}
          data-colour={colourOf(lane.trace.metric)}
          style={{ top: `${(lane.topMm - 4.6) * pixelsPerMm}px` }}
        >
          <strong>{laneName(lane)}</strong> {laneText(lane, devices, scale)}
        </p>
      ))}
    </div>
  );
}

function Times({ span, scale }: Pick<Props, 'span' | 'scale'>) {
  return (
    <div class="ecg-paper__times" aria-hidden="true">
      {secondsIn(span, timeEveryS(scale)).map((ms) => (
        <span key={ms} style={{ insetInlineStart: `${xOnPaper(ms, span, scale)}px` }}>
          {localTime(ms, locale.value)}
        </span>
      ))}
    </div>
  );
}

/** Redraws when it is scrolled, resized, or anything of it changes. */
function usePainter(props: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const paint = useRef<() => void>(() => undefined);
  useEffect(() => {
    const [frame, element] = [scroller.current, canvas.current];
    const context = element?.getContext('2d');
    if (!frame || !element || !context) return undefined;
    let asked = 0;
    const draw = () => {
      asked = 0;
      const { lanes, span, scale, atMs, nowMs, read } = latest.current;
      const pixelRatio = window.devicePixelRatio;
      const width = frame.clientWidth;
      const height = heightOf(lanes) * pixelsPerMm + footPx;
      const [wide, high] = [Math.round(width * pixelRatio), Math.round(height * pixelRatio)];
      if (element.width !== wide) element.width = wide;
      if (element.height !== high) element.height = high;
      element.style.width = `${width}px`;
      element.style.height = `${height}px`;
      const passedMs = passed(span, nowMs).toMs;
      const offset = frame.scrollLeft;
      const font = `600 11px ${getComputedStyle(element).fontFamily}`;
      const view = {
        lanes,
        span,
        scale,
        atMs,
        passedMs,
        read,
        font,
        offset,
        width,
        height,
        pixelRatio,
      };
      paintStrip(context, view, stripColours(element));
    };
    paint.current = () => {
      if (asked === 0) asked = requestAnimationFrame(draw);
    };
    const sizes = new ResizeObserver(() => paint.current());
    sizes.observe(frame);
    const scrolled = () => paint.current();
    frame.addEventListener('scroll', scrolled, { passive: true });
    paint.current();
    return () => {
      cancelAnimationFrame(asked);
      sizes.disconnect();
      frame.removeEventListener('scroll', scrolled);
    };
  }, []);
  const { lanes, scale, atMs, nowMs, palette, span, read } = props;
  useEffect(() => paint.current(), [lanes, scale, atMs, nowMs, palette, read]);
  // What happened is in sight, and stays where it is seen when the speed changes.
  useEffect(() => {
    const frame = scroller.current;
    if (frame) frame.scrollLeft = xOnPaper(atMs, span, scale) - frame.clientWidth * atShare;
  }, [scale, atMs, span]);
  return { scroller, canvas };
}

export function EcgPaper(props: Props) {
  const { lanes, devices, span, scale, children } = props;
  const { scroller, canvas } = usePainter(props);
  const width = xOnPaper(span.toMs, span, scale);
  const height = heightOf(lanes) * pixelsPerMm + footPx;
  return (
    <div
      ref={scroller}
      class="ecg-paper"
      tabIndex={0}
      role="group"
      aria-label={te('strip.scroll')}
      dir="ltr"
    >
      <div class="ecg-paper__length" style={{ width: `${width}px`, height: `${height}px` }}>
        <Names lanes={lanes} devices={devices} scale={scale} />
        <canvas ref={canvas} class="ecg-paper__canvas" role="img" aria-label={heard(props)} />
        <Times span={span} scale={scale} />
        {children}
      </div>
    </div>
  );
}
