// The sheet that a strip is printed on: patient, what happened, lead, time, speed and gain, and the strip itself.
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { gridLines, marginMm, type PaperScale } from '../ecg/paper';
import { markPath, printRows, rowFootMm, tracePath, type PrintRow } from '../ecg/print_layout';
import { isMarked, letterMm, secondsIn, type Lane } from '../ecg/strip_layout';
import type { Span } from '../ecg/trace';
import type { ShownStrip } from '../state/ecg_strip';
import { localDate, localDateTime, localSpan, localTime } from '../vital/format';
import { locale, t } from '../words';
import { te } from '../words/ecg';
import { laneName, laneText } from './ecg_paper';
import './ecg_print.css';

interface Props {
  strip: ShownStrip;
  title: string;
  /** What is written below the title: value, limit, the numbers at that instant. */
  lines: readonly string[];
  span: Span;
  atMs: number;
  scale: PaperScale;
  nowMs: number;
}

function Grid({ wide, high }: { wide: number; high: number }) {
  const path = (bold: boolean) =>
    [
      ...gridLines(0, wide, bold).map((mm) => `M${mm} 0V${high}`),
      ...gridLines(0, high, bold).map((mm) => `M0 ${mm}H${wide}`),
    ].join('');
  return (
    <>
      <path class="ecg-print__fine" d={path(false)} />
      <path class="ecg-print__bold" d={path(true)} />
    </>
  );
}

const beatsOf = (strip: ShownStrip, { trace }: Lane, { fromMs, toMs }: Span) =>
  (strip.read.find(({ device }) => device === trace.device)?.beats ?? []).filter(
    ({ ms }) => ms >= fromMs && ms < toMs,
  );

function Row({ row, isFirst, ...props }: Props & { row: PrintRow; isFirst: boolean }) {
  const { scale, atMs, strip } = props;
  const { span, lanes, heightMm } = row;
  const xOf = (ms: number) => marginMm(scale) + ((ms - span.fromMs) / 1000) * scale.mmPerSecond;
  const wide = xOf(span.toMs);
  const high = heightMm + rowFootMm;
  return (
    <svg
      class="ecg-print__row"
      width={`${wide}mm`}
      height={`${high}mm`}
      viewBox={`0 0 ${wide} ${high}`}
    >
      <Grid wide={wide} high={heightMm} />
      {lanes.map((lane) => (
        <g key={lane.trace.key}>
          <text class="ecg-print__name" x={1} y={lane.topMm - 1.2}>
            <tspan class="ecg-print__lead">{laneName(lane)}</tspan>{' '}
            {isFirst && laneText(lane, strip.devices, scale)}
          </text>
          {lane.isEcg && <path class="ecg-print__mark" d={markPath(lane, scale)} />}
          {isMarked(lanes, lane) &&
            beatsOf(strip, lane, span).map(({ ms, class: letter }) => (
              <text key={ms} class="ecg-print__time" x={xOf(ms)} y={letterMm(lane)}>
                {letter}
              </text>
            ))}
          <path class="ecg-print__trace" d={tracePath(lane, span, scale)} />
        </g>
      ))}
      {secondsIn(span, 1).map((ms) => (
        <path key={ms} class="ecg-print__mark" d={`M${xOf(ms)} ${heightMm}v1`} />
      ))}
      {secondsIn(span, 5).map((ms) => (
        <text key={ms} class="ecg-print__time" x={xOf(ms)} y={heightMm + 4}>
          {localTime(ms, locale.value)}
        </text>
      ))}
      {atMs >= span.fromMs && atMs < span.toMs && (
        <path class="ecg-print__at" d={`M${xOf(atMs)} 0V${heightMm}`} />
      )}
    </svg>
  );
}

function Sheet(props: Props) {
  const { strip, title, lines, span, atMs, scale, nowMs } = props;
  const { patient } = strip;
  const rows = printRows(strip.traces, span, atMs, scale);
  const [first, last] = [rows[0], rows.at(-1)];
  const printed = first && last && { fromMs: first.span.fromMs, toMs: last.span.toMs };
  const facts = [
    patient.identifier,
    patient.birth_date && t('patient.born', { date: localDate(patient.birth_date, locale.value) }),
    patient.bed && t('patient.of', { bed: patient.bed, unit: patient.unit ?? '' }),
  ].filter(Boolean);
  return (
    <>
      <header class="ecg-print__head">
        <p>
          <strong>{patient.display_name}</strong> {facts.join(' · ')}
        </p>
        <p>
          <strong>{title}</strong> {localDateTime(atMs, locale.value)}
        </p>
        {lines.map((line) => (
          <p key={line}>{line}</p>
        ))}
        <p>
          <strong>
            {te('strip.speed_of', { speed: scale.mmPerSecond })},{' '}
            {te('strip.gain_of', { gain: scale.mmPerMv })}
          </strong>
          {printed && `, ${localSpan(printed.fromMs, printed.toMs, locale.value)}`}
          {'. '}
          {te('strip.calibration')}
        </p>
      </header>
      {rows.map((row, i) => (
        <Row key={row.span.fromMs} {...props} row={row} isFirst={i === 0} />
      ))}
      <footer class="ecg-print__foot">
        {te('strip.printed', { time: localDateTime(nowMs, locale.value) })}
      </footer>
    </>
  );
}

/** Lies in the page all the time that a strip is open, and is seen on paper alone: beside it nothing is printed. */
export function useEcgPrint(props: Props | null): void {
  useEffect(() => {
    if (!props) return undefined;
    const sheet = document.createElement('div');
    sheet.className = 'ecg-print';
    sheet.setAttribute('aria-hidden', 'true');
    document.body.append(sheet);
    render(<Sheet {...props} />, sheet);
    return () => {
      render(null, sheet);
      sheet.remove();
    };
  });
}
