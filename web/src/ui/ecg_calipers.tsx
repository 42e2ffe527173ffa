// The calipers of a strip: two lines to drag, or to move by the arrow keys, and what lies between them, to be seen
// and heard.
import type { Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { measured, withLane, withLine, type Calipers } from '../ecg/calipers';
import { marginMm, pixelsPerSecond, type PaperScale } from '../ecg/paper';
import { heightOf, mmOf, type Lane } from '../ecg/strip_layout';
import { valueAt, type Span } from '../ecg/trace';
import { localNumber } from '../vital/format';
import { pixelsPerMm } from '../wave/sweep';
import { locale } from '../words';
import { te } from '../words/ecg';
import { laneName, xOnPaper } from './ecg_paper';
import './ecg_calipers.css';

interface Props {
  calipers: Signal<Calipers | null>;
  lanes: readonly Lane[];
  span: Span;
  scale: PaperScale;
}

/** A step of the arrow keys, and one with Shift: a tenth of a millimetre at 25 mm/s, and a whole one. */
const stepMs = 4;
const largeMs = 40;

function signed(value: number, digits: number): string {
  const text = localNumber(value, locale.value, digits);
  return value > 0 ? `+${text}` : text;
}

export function calipersText(calipers: Calipers, lanes: readonly Lane[]): string {
  const lane = lanes[calipers.lane];
  const { ms, perMinute, difference } = measured(calipers, lane?.trace.pieces ?? []);
  const parts = [te('calipers.ms', { n: Math.round(ms) })];
  if (perMinute !== null) parts.push(te('calipers.rate', { n: Math.round(perMinute) }));
  if (lane)
    parts.push(
      difference === null
        ? te('calipers.no_difference', { name: laneName(lane) })
        : te('calipers.difference', {
            value: signed(difference, 2),
            unit: lane.isEcg ? 'mV' : lane.trace.unitShown,
            name: laneName(lane),
          }),
    );
  return parts.join(' · ');
}

function Line({ which, ...props }: Props & { which: 0 | 1 }) {
  const { calipers, lanes, span, scale } = props;
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (which === 0) element.current?.focus({ preventScroll: true });
  }, [which]);
  const now = calipers.value;
  if (!now) return null;
  const ms = now.lines[which];
  const move = (to: number) => (calipers.value = withLine(now, which, to, span));
  const pressed = (event: KeyboardEvent) => {
    const step = event.shiftKey ? largeMs : stepMs;
    if (event.key === 'ArrowLeft') move(ms - step);
    else if (event.key === 'ArrowRight') move(ms + step);
    else if (event.key === 'ArrowUp') calipers.value = withLane(now, -1, lanes.length);
    else if (event.key === 'ArrowDown') calipers.value = withLane(now, 1, lanes.length);
    else return;
    event.preventDefault();
  };
  const dragged = (event: PointerEvent) => {
    const line = event.currentTarget as HTMLElement;
    if (!line.hasPointerCapture(event.pointerId) || !line.parentElement) return;
    const x = event.clientX - line.parentElement.getBoundingClientRect().left;
    const fromMargin = x - marginMm(scale) * pixelsPerMm;
    move(span.fromMs + (fromMargin / pixelsPerSecond(scale)) * 1000);
  };
  const lane = lanes[now.lane];
  const value = lane ? valueAt(lane.trace.pieces, ms) : null;
  return (
    <div
      ref={element}
      class="ecg-calipers"
      role="slider"
      tabIndex={0}
      aria-label={te(which === 0 ? 'calipers.first' : 'calipers.second')}
      aria-valuemin={0}
      aria-valuemax={Math.round(span.toMs - span.fromMs)}
      aria-valuenow={Math.round(ms - span.fromMs)}
      aria-valuetext={te('calipers.at', { n: Math.round(ms - span.fromMs) })}
      style={{
        insetInlineStart: `${xOnPaper(ms, span, scale)}px`,
        height: `${heightOf(lanes) * pixelsPerMm}px`,
      }}
      onKeyDown={pressed}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={dragged}
    >
      {lane && value !== null && (
        <span class="ecg-calipers__value" style={{ top: `${mmOf(lane, value) * pixelsPerMm}px` }} />
      )}
    </div>
  );
}

/** On the paper. */
export function EcgCalipers(props: Props) {
  if (!props.calipers.value) return null;
  return (
    <>
      <Line {...props} which={0} />
      <Line {...props} which={1} />
    </>
  );
}
