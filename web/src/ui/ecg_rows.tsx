// A page of an ECG in full: rows on one canvas, and over it the mark that is moved by keys or a press, which opens
// the strip of that instant.
import { useEffect, useRef } from 'preact/hooks';
import type { AlarmAt } from '../ecg/marks';
import { placeOf, timeAt, type Page } from '../ecg/rows';
import { paintRows, type RowsColours } from '../ecg/rows_painter';
import type { EcgRows } from '../state/ecg_rows';
import { localNumber, localTime } from '../vital/format';
import { locale } from '../words';
import { te } from '../words/ecg';
import { rhythmName } from './rhythm_name';
import './ecg_rows.css';

interface Props {
  page: Page;
  data: EcgRows;
  alarms: readonly AlarmAt[];
  mmPerMv: number;
  width: number;
  rowHeight: number;
  margin: number;
  /** The size of what is written on it. */
  text: number;
  nowMs: number;
  palette: string;
  markMs: number;
  onMark: (ms: number) => void;
  onOpen: (ms: number) => void;
}

function rowsColours(element: Element): RowsColours {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    line: token('--n4'),
    trace: token('--wave-ecg'),
    ink: token('--n12'),
    quiet: token('--n10'),
    paper: getComputedStyle(element.parentElement ?? element).backgroundColor,
    band: token('--n9'),
    alarm: {
      high: token('--alarm-high'),
      medium: token('--alarm-medium'),
      low: token('--alarm-low'),
    },
    onAlarm: token('--on-alarm'),
  };
}

function usePainted(props: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { page, data, alarms, mmPerMv, width, rowHeight, margin, text, nowMs, palette } = props;
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || width === 0) return;
    const pixelRatio = window.devicePixelRatio;
    element.width = Math.round(width * pixelRatio);
    element.height = Math.round((page.count * rowHeight + 1) * pixelRatio);
    const family = getComputedStyle(element).fontFamily;
    const { rows } = data;
    const at = {
      page,
      rows,
      alarms,
      mmPerMv,
      width,
      rowHeight,
      margin,
      pixelRatio,
      nowMs,
      text,
      family,
      nameOf: rhythmName,
    };
    paintRows(context, at, rowsColours(element), {
      time: (ms) => localTime(ms, locale.peek()),
      rate: (value) => te('ecg.rate', { n: localNumber(Math.round(value), locale.peek()) }),
      empty: te('ecg.empty'),
      reading: te('ecg.reading'),
    });
  }, [page, data, alarms, mmPerMv, width, rowHeight, margin, text, nowMs, palette]);
  return canvas;
}

const second = 1000;

export function EcgRowsView(props: Props) {
  const { page, width, rowHeight, margin, markMs, onMark, onOpen } = props;
  const canvas = usePainted(props);
  const moves: Record<string, number> = {
    ArrowLeft: -second,
    ArrowRight: second,
    ArrowUp: -page.rowMs,
    ArrowDown: page.rowMs,
  };
  const pressed = (event: KeyboardEvent) => {
    const by = moves[event.key];
    if (event.key === 'Enter' || event.key === ' ') onOpen(markMs);
    else if (by !== undefined) {
      const fine = Math.abs(by) === second && event.shiftKey ? 10 : 1;
      onMark(markMs + by * fine);
    } else return;
    event.preventDefault();
  };
  const clicked = (event: MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const row = Math.floor((event.clientY - box.top) / rowHeight);
    const share = (event.clientX - box.left - margin) / (width - margin);
    const ms = timeAt({ row, share }, page);
    onMark(ms);
    onOpen(ms);
  };
  const place = placeOf(markMs, page);
  const high = page.count * rowHeight + 1;
  return (
    <div
      class="ecg-rows"
      role="slider"
      tabIndex={0}
      dir="ltr"
      aria-label={te('ecg.rows', { n: page.rowMs / 1000 })}
      aria-valuemin={0}
      aria-valuemax={Math.round((page.span.toMs - page.span.fromMs) / 1000)}
      aria-valuenow={Math.round((markMs - page.span.fromMs) / 1000)}
      aria-valuetext={te('ecg.at', { time: localTime(markMs, locale.value) })}
      style={{ height: `${high}px` }}
      onKeyDown={pressed}
      onClick={clicked}
    >
      <canvas
        ref={canvas}
        class="ecg-rows__canvas"
        style={{ width: `${width}px`, height: `${high}px` }}
      />
      {place && (
        <span
          class="ecg-rows__mark"
          style={{
            insetInlineStart: `${margin + place.share * (width - margin)}px`,
            top: `${place.row * rowHeight}px`,
            height: `${rowHeight}px`,
          }}
        />
      )}
    </div>
  );
}
