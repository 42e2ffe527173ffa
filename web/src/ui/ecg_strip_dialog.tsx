// The strip of an event: 10 s before and 20 s after it, on paper whose millimetres are true, with the numbers that
// stood at that instant.
import { useSignal, type Signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { laidOut, type Calipers } from '../ecg/calipers';
import { countsOf } from '../ecg/marks';
import { gains, speeds, standardScale, type PaperScale } from '../ecg/paper';
import { layOut } from '../ecg/strip_layout';
import { secondsToCome, spanAround } from '../ecg/strip_span';
import type { Span } from '../ecg/trace';
import { appearance } from '../state/appearance';
import { StripLoader, type ShownStrip } from '../state/ecg_strip';
import { hrefOfPatientEcg } from '../state/route';
import type { StripEvent, StripOf } from '../state/strip_shown';
import { catalogue, isLost, now } from '../state/watch';
import { localDateTime } from '../vital/format';
import { vitalsOf } from '../vital/vitals';
import { locale, t } from '../words';
import { te } from '../words/ecg';
import { AlarmMark } from './alarm_mark';
import { Choice } from './choice';
import { conditionWords, crossedText } from './alarm_words';
import { Dialog } from './dialog';
import { calipersText, EcgCalipers } from './ecg_calipers';
import { EcgPaper, xOnPaper } from './ecg_paper';
import { useEcgPrint } from './ecg_print';
import { errorText } from './error_text';
import { vitalName } from './metric_names';
import { rhythmName } from './rhythm_name';
import { ageText } from './speech';
import { leading, viewOf } from './vital_grid';
import './ecg_strip_dialog.css';

/** The page of the whole ECG begins so long before. */
const leadInMs = 120_000;

const timeOf = (ms: number) => localDateTime(ms, locale.value);

const eventText = (event: StripEvent): string =>
  [conditionWords(event), crossedText(event)].filter(Boolean).join(' ');

/** "HR 131 /min", with its age where it was not measured just then. */
function numericTexts(strip: ShownStrip, atMs: number): string[] {
  return vitalsOf(strip.numerics, atMs).map((vital) => {
    const of = leading(vital);
    const display = catalogue.get(of.metric)?.display ?? of.metric;
    const name = vitalName(vital.kind === 'pressure' ? vital.stem : of.metric, display);
    const view = viewOf(vital, { catalogue, nowMs: atMs });
    if (view.look === 'none') return name;
    const marks = view.marks.map((mark) => t(`mark.${mark}`));
    const isOld = view.age.unit !== 'now';
    return [name, view.text, view.aside, view.unit, isOld && `(${ageText(view.age)})`, ...marks]
      .filter(Boolean)
      .join(' ');
  });
}

function Controls({
  scale,
  calipers,
  of,
  span,
  isHere,
}: {
  scale: Signal<PaperScale>;
  calipers: Signal<Calipers | null>;
  of: StripOf;
  span: Span;
  isHere: boolean;
}) {
  const { mmPerSecond, mmPerMv } = scale.value;
  return (
    <div class="strip__controls">
      <Choice
        name={te('strip.speed')}
        values={speeds}
        chosen={mmPerSecond}
        write={(speed) => te('strip.speed_of', { speed })}
        onChosen={(value) => (scale.value = { ...scale.value, mmPerSecond: value })}
      />
      <Choice
        name={te('strip.gain')}
        values={gains}
        chosen={mmPerMv}
        write={(gain) => te('strip.gain_of', { gain })}
        onChosen={(value) => (scale.value = { ...scale.value, mmPerMv: value })}
      />
      <button
        class="strip__calipers"
        disabled={!isHere}
        aria-pressed={calipers.value !== null}
        onClick={() => (calipers.value = calipers.value ? null : laidOut(of.atMs, span))}
      >
        {te('calipers.open')}
      </button>
      <button disabled={!isHere} onClick={() => print()}>
        {te('strip.print')}
      </button>
    </div>
  );
}

/** Until it is full, the clock of the page fills it. */
function Filling({ span }: { span: Span }) {
  const n = secondsToCome(span, now.value);
  return (
    <p class="strip__filling" role="status">
      {n > 0 ? te('strip.filling', { n }) : te('strip.full')}
    </p>
  );
}

/** Beats and rhythms in words. */
function ReadText({ strip }: { strip: ShownStrip }) {
  const texts = strip.read.flatMap(({ beats, rhythms }) => {
    const classes = countsOf(beats).map(([letter, n]) => te('ecg.beats_of', { n, class: letter }));
    const which = [...new Set(rhythms.map(({ rhythm }) => rhythmName(rhythm)))];
    return [
      beats.length > 0 ? te('ecg.beats', { n: beats.length, classes: classes.join(', ') }) : '',
      which.length > 0 ? te('strip.rhythms', { which: which.join(', ') }) : '',
    ].filter(Boolean);
  });
  return texts.length > 0 && <p class="strip__read">{texts.join(' ')}</p>;
}

function Shown({
  strip,
  of,
  span,
  scale,
  calipers,
}: {
  strip: ShownStrip;
  of: StripOf;
  span: Span;
  scale: PaperScale;
  calipers: Signal<Calipers | null>;
}) {
  const { atMs, event } = of;
  const lanes = useMemo(() => layOut(strip.traces, span, scale), [strip.traces, span, scale]);
  const numerics = numericTexts(strip, atMs);
  useEcgPrint({
    strip,
    title: event ? eventText(event) : '',
    lines: numerics.length > 0 ? [numerics.join(' · ')] : [],
    span,
    atMs,
    scale,
    nowMs: now.peek(),
  });
  return (
    <>
      {strip.isCut && <p class="notice">{te('strip.cut_read')}</p>}
      {lanes.length === 0 ? (
        <p class="quiet">{te('strip.none')}</p>
      ) : (
        <EcgPaper
          lanes={lanes}
          devices={strip.devices}
          read={strip.read}
          span={span}
          atMs={atMs}
          scale={scale}
          nowMs={secondsToCome(span, now.value) > 0 ? now.value : span.toMs}
          palette={`${appearance.value} ${isLost.value}`}
        >
          <EcgCalipers calipers={calipers} lanes={lanes} span={span} scale={scale} />
          {event?.priority && (
            <span
              class="ecg-paper__event"
              style={{ insetInlineStart: `${xOnPaper(atMs, span, scale)}px` }}
            >
              <AlarmMark priority={event.priority} />
            </span>
          )}
        </EcgPaper>
      )}
      {calipers.value && (
        <div>
          <p class="strip__measured" role="status">
            {calipersText(calipers.value, lanes)}
          </p>
          <p class="quiet">{te('calipers.help')}</p>
        </div>
      )}
      <ReadText strip={strip} />
      <section class="strip__numerics" aria-label={te('strip.numerics')}>
        <h3>{te('strip.numerics')}</h3>
        {numerics.length === 0 ? (
          <p class="quiet">{te('strip.no_numerics')}</p>
        ) : (
          <ul>
            {numerics.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

function useStrip({ patient, atMs }: StripOf) {
  const loader = useMemo(() => new StripLoader(patient, atMs, () => now.peek()), [patient, atMs]);
  useEffect(() => {
    loader.start();
    return () => loader.stop();
  }, [loader]);
  return loader.strip.value;
}

export function EcgStripDialog({ of, onClose }: { of: StripOf; onClose: () => void }) {
  const { atMs, event } = of;
  const span = useMemo(() => spanAround(atMs), [atMs]);
  const scale = useSignal(standardScale);
  const calipers = useSignal<Calipers | null>(null);
  const element = useRef<HTMLDivElement>(null);
  const strip = useStrip(of);
  // The first Escape puts the calipers away, the next one closes the strip.
  const putAway = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || calipers.value === null) return;
    event.preventDefault();
    event.stopPropagation();
    calipers.value = null;
    element.current?.querySelector<HTMLElement>('.strip__calipers')?.focus();
  };
  const title = event
    ? te('strip.title', { what: conditionWords(event) })
    : te('strip.title_at', { time: timeOf(atMs) });
  return (
    <Dialog title={title} onClose={onClose} isWide>
      <div class="strip" ref={element} onKeyDown={putAway}>
        <div class="strip__head">
          <p class="strip__about">
            {event?.priority && <AlarmMark priority={event.priority} />}
            {strip.state === 'shown' && <strong>{strip.patient.display_name}</strong>}{' '}
            {event && crossedText(event)} <time>{timeOf(atMs)}</time>
          </p>
          <Filling span={span} />
          <a class="button" href={hrefOfPatientEcg(of.patient, atMs - leadInMs)}>
            {te('strip.full_ecg')}
          </a>
          <Controls
            scale={scale}
            calipers={calipers}
            of={of}
            span={span}
            isHere={strip.state === 'shown' && strip.traces.length > 0}
          />
        </div>
        {strip.state === 'loading' && (
          <p class="quiet" role="status">
            {te('strip.loading', { time: timeOf(atMs) })}
          </p>
        )}
        {strip.state === 'failed' && (
          <p class="notice" role="alert">
            {errorText(strip.error)}
          </p>
        )}
        {strip.state === 'shown' && (
          <Shown strip={strip} of={of} span={span} scale={scale.value} calipers={calipers} />
        )}
      </div>
    </Dialog>
  );
}
