// An ECG in full: every minute of it, page by page, with the alarms, beats and rhythms of it marked in place.
import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { readAlarmEvents } from '../api/alarm_calls';
import { readPatient } from '../api/calls';
import type { Device, PatientAnswer } from '../api/shapes';
import { alarmsAt, countsOf, rhythmsIn, type AlarmAt } from '../ecg/marks';
import { lengthOf, movedBy, pageAt, rowsIn, type Page } from '../ecg/rows';
import { compareTraces } from '../ecg/strip_layout';
import { isEcg, type Trace } from '../ecg/trace';
import { appearance } from '../state/appearance';
import { leadKey, RowsLoader, type EcgRows, type Lead } from '../state/ecg_rows';
import { useFetched } from '../state/fetched';
import { go, hrefOfPatient, type EcgView } from '../state/route';
import { shownStrip } from '../state/strip_shown';
import { isLost, now } from '../state/watch';
import { AlarmMark } from '../ui/alarm_mark';
import { conditionWords, crossedText } from '../ui/alarm_words';
import { Choice } from '../ui/choice';
import { EcgRowsView } from '../ui/ecg_rows';
import { errorText } from '../ui/error_text';
import { useKeys } from '../ui/keys';
import { waveName } from '../ui/metric_names';
import { rhythmName } from '../ui/rhythm_name';
import { localNumber, localSpan, localTime } from '../vital/format';
import { pixelsPerMm } from '../wave/sweep';
import { locale } from '../words';
import { te } from '../words/ecg';
import './ecg_page.css';

const hourMs = 3_600_000;
/** In rem: on a wall of pixels they grow with what is written. */
const rowRem = 2.875;
const marginRem = 4.25;
const textRem = 0.75;
/** Narrower, a minute a row would leave too little of each beat. */
const minuteWide = 800;
const rowsLeast = 6;
const rowsMost = 60;
const gains = [2.5, 5, 10] as const;
/** Alarms that are listed; all are marked. */
const listedMax = 40;
const eventsWanted = 1000;

/** The ECG leads that were ever sampled, II in front. */
function leadsOf({ series }: PatientAnswer): Lead[] {
  const bare = (one: Lead): Trace => ({
    ...one,
    key: leadKey(one),
    unit: '',
    unitShown: '',
    pieces: [],
  });
  return series
    .filter(({ kind, metric }) => kind === 'waveform' && isEcg(metric))
    .sort((a, b) => compareTraces(bare(a), bare(b)))
    .map(({ metric, device, channel }) => ({ metric, device, channel }));
}

function leadText(lead: Lead, devices: readonly Device[]): string {
  const device = devices.find(({ id }) => id === lead.device)?.display ?? lead.device;
  return `${waveName(lead.metric, lead.metric)} · ${device}`;
}

/** How much of the screen there is for rows. */
function useRoom() {
  const frame = useRef<HTMLDivElement>(null);
  const room = useSignal({ width: 0, height: 0, rem: 16 });
  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const fit = () => {
      const { clientWidth: width, clientHeight: height } = element;
      const before = room.peek();
      if (before.width !== width || before.height !== height) {
        const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
        room.value = { width, height, rem };
      }
    };
    const sizes = new ResizeObserver(fit);
    sizes.observe(element);
    fit();
    return () => sizes.disconnect();
  }, [room]);
  return { frame, room: room.value };
}

/** What began while the page lasted; asked again while it goes on. */
function useAlarmsOf(patient: string, { span }: Page): readonly AlarmAt[] {
  const minute = useComputed(() => Math.floor(now.value / 10_000)).value;
  const isOpen = span.toMs > minute * 10_000;
  const found = useFetched({
    key: `${patient} ${span.fromMs} ${span.toMs} ${isOpen ? minute : ''}`,
    ask: (signal) =>
      readAlarmEvents({ patient, from: span.fromMs, to: span.toMs, limit: eventsWanted }, signal),
  }).value;
  const last = useRef<readonly AlarmAt[]>([]);
  const events = found.state === 'here' ? found.body.events : null;
  return useMemo(() => {
    if (events) last.current = alarmsAt(events);
    return last.current.filter(({ ms }) => ms >= span.fromMs && ms < span.toMs);
  }, [events, span.fromMs, span.toMs]);
}

const openStrip = (patient: string, ms: number, at: AlarmAt | null = null) => {
  const event = at && { ...at.event, words: at.event.words ?? '' };
  shownStrip.value = { patient, atMs: ms, event };
};

/** "2026-11-28T08:15:00" as a field for local times has it. */
function fieldTime(ms: number): string {
  const date = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19);
}

function ToTime({ page, onTime }: { page: Page; onTime: (ms: number) => void }) {
  const field = useRef<HTMLInputElement>(null);
  useKeys({ g: () => field.current?.focus() });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const ms = new Date(field.current?.value ?? '').getTime();
    if (!Number.isNaN(ms)) onTime(ms);
  };
  return (
    <form class="choice" onSubmit={submit}>
      <label class="choice">
        <span>{te('ecg.time')}</span>
        <input
          key={page.span.fromMs}
          ref={field}
          type="datetime-local"
          step={1}
          defaultValue={fieldTime(page.span.fromMs)}
        />
      </label>
      <button>{te('ecg.go')}</button>
    </form>
  );
}

function Moves({ page, onMove }: { page: Page; onMove: (atMs: number | null) => void }) {
  const by = (ms: number) => () => onMove(movedBy(page, ms, now.peek()));
  const length = lengthOf(page);
  const buttons = [
    [te('ecg.hour_back'), '⇤', by(-hourMs)],
    [te('ecg.page_back'), '←', by(-length)],
    [te('ecg.page_on'), '→', by(length)],
    [te('ecg.hour_on'), '⇥', by(hourMs)],
  ] as const;
  return (
    <div class="ecg-page__moves" role="group" aria-label={te('ecg.moves')}>
      {buttons.map(([name, sign, act]) => (
        <button key={name} aria-label={name} title={name} onClick={act}>
          {sign}
        </button>
      ))}
      <button onClick={() => onMove(null)}>{te('ecg.newest')}</button>
    </div>
  );
}

/** What is on the page, in words: when, how fast, how many beats of what class, which rhythms. */
function Summary({
  page,
  data,
  mmPerMv,
  mmPerSecond,
}: {
  page: Page;
  data: EcgRows;
  mmPerMv: number;
  mmPerSecond: number;
}) {
  const shown = rowsIn(page).flatMap(({ fromMs }) => data.rows.get(fromMs) ?? []);
  const counts = countsOf(shown.flatMap(({ beats }) => beats));
  const n = counts.reduce((sum, [, count]) => sum + count, 0);
  const classes = counts.map(([letter, count]) => te('ecg.beats_of', { n: count, class: letter }));
  const rhythms = rhythmsIn(
    shown.flatMap((row) => row.rhythms),
    page.span,
  );
  const which = rhythms.map(({ rhythm, fromMs, toMs }) =>
    te('ecg.rhythm', {
      rhythm: rhythmName(rhythm),
      from: localTime(fromMs, locale.value),
      to: localTime(toMs, locale.value),
    }),
  );
  const speed = localNumber(mmPerSecond, locale.value, 1);
  const parts = [
    te('ecg.span', {
      span: localSpan(page.span.fromMs, page.span.toMs, locale.value),
      speed,
      gain: mmPerMv,
    }),
    data.isReading ? te('ecg.still') : '',
    n > 0 ? te('ecg.beats', { n, classes: classes.join(', ') }) : '',
    data.hasBeats ? '' : te('ecg.no_beats'),
    which.length > 0 ? te('ecg.rhythms', { which: which.join(', ') }) : '',
  ];
  return (
    <p class="ecg-page__summary" role="status">
      {parts.filter(Boolean).join(' ')}
    </p>
  );
}

function Alarms({ patient, alarms }: { patient: string; alarms: readonly AlarmAt[] }) {
  if (alarms.length === 0) return <p class="quiet">{te('ecg.no_alarms')}</p>;
  const more = alarms.length - listedMax;
  return (
    <ul class="ecg-page__alarms" aria-label={te('ecg.alarms')}>
      {alarms.slice(0, listedMax).map((at) => (
        <li key={at.id}>
          <button onClick={() => openStrip(patient, at.ms, at)}>
            <AlarmMark priority={at.priority} />
            {localTime(at.ms, locale.value)} {conditionWords({ words: at.event.words ?? '' })}{' '}
            {crossedText(at.event)}
          </button>
        </li>
      ))}
      {more > 0 && <li class="quiet">{te('ecg.more_alarms', { n: more })}</li>}
    </ul>
  );
}

interface FullProps {
  here: PatientAnswer;
  leads: readonly Lead[];
  first: Lead;
  view: EcgView;
}

function Full({ here, leads, first, view }: FullProps) {
  const { id, display_name: name } = here.patient;
  const { frame, room } = useRoom();
  const gain = useSignal<number>(5);
  const mark = useSignal<number | null>(view.atMs);
  const lead = leads.find((one) => leadKey(one) === view.lead) ?? first;
  const rowMs = (view.rowS ?? (room.width >= minuteWide ? 60 : 30)) * 1000;
  const fits = Math.floor(room.height / (rowRem * room.rem));
  const count = Math.min(rowsMost, Math.max(rowsLeast, fits));
  const rowHeight = Math.max(rowRem * room.rem, (room.height - 1) / count);
  const margin = marginRem * room.rem;
  // A page that follows now goes on with the next row, not with each second.
  const nowRow = useComputed(() => Math.floor(now.value / rowMs) * rowMs).value;
  const page = useMemo(
    () => pageAt(view.atMs, nowRow, rowMs, count),
    [view.atMs, nowRow, rowMs, count],
  );
  const loader = useMemo(() => new RowsLoader(id, () => now.peek()), [id]);
  const isReady = room.width > 0;
  useEffect(() => {
    if (isReady) loader.ask(lead, page);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the lead is its key
  }, [loader, leadKey(lead), page, isReady]);
  useEffect(() => () => loader.stop(), [loader]);
  const data = loader.rows.value;
  const alarms = useAlarmsOf(id, page);
  const show = (next: Partial<EcgView>) =>
    go({ page: 'ecg', id, view: { ...view, ...next } }, 'replace');
  const move = (atMs: number | null) => show({ atMs });
  const by = (ms: number) => move(movedBy(page, ms, now.peek()));
  const length = lengthOf(page);
  useKeys({
    PageUp: (event) => by(event.shiftKey ? -hourMs : -length),
    PageDown: (event) => by(event.shiftKey ? hourMs : length),
    Home: () => move(null),
    Escape: () => go({ page: 'patient', id, view: { spanS: hourMs / 1000, toMs: null } }),
  });
  const markMs = Math.min(
    page.span.toMs - 1,
    Math.max(page.span.fromMs, mark.value ?? page.span.toMs - rowMs),
  );
  const onMark = (ms: number) => {
    mark.value = Math.min(ms, now.peek());
    if (ms < page.span.fromMs) by(-length);
    else if (ms >= page.span.toMs) by(length);
  };
  const mmPerSecond = (room.width - margin) / pixelsPerMm / (rowMs / 1000);
  return (
    <div class="ecg-page">
      <header class="ecg-page__head">
        <a class="button" href={hrefOfPatient(id)} aria-label={te('ecg.back')}>
          ‹
        </a>
        <h1>{te('ecg.title', { name })}</h1>
        <Choice
          name={te('ecg.lead')}
          values={leads.map(leadKey)}
          chosen={leadKey(lead)}
          write={(key) => {
            const one = leads.find((known) => leadKey(known) === key);
            return one ? leadText(one, here.devices) : key;
          }}
          onChosen={(key) => show({ lead: key })}
        />
        <Choice
          name={te('strip.gain')}
          values={gains}
          chosen={gain.value}
          write={(mmPerMv) => te('strip.gain_of', { gain: mmPerMv })}
          onChosen={(mmPerMv) => (gain.value = mmPerMv)}
        />
        <Choice
          name={te('ecg.row')}
          values={[30, 60]}
          chosen={rowMs / 1000}
          write={(n) => te('ecg.row_of', { n })}
          onChosen={(rowS) => show({ rowS })}
        />
        <ToTime page={page} onTime={move} />
        <Moves page={page} onMove={move} />
      </header>
      <Summary page={page} data={data} mmPerMv={gain.value} mmPerSecond={mmPerSecond} />
      {data.failed && (
        <p class="notice" role="alert">
          {errorText(data.failed)}
        </p>
      )}
      <div class="ecg-page__rows" ref={frame}>
        {isReady && (
          <EcgRowsView
            page={page}
            data={data}
            alarms={alarms}
            mmPerMv={gain.value}
            width={room.width}
            rowHeight={rowHeight}
            margin={margin}
            text={textRem * room.rem}
            nowMs={nowRow + rowMs}
            palette={`${appearance.value} ${isLost.value}`}
            markMs={markMs}
            onMark={onMark}
            onOpen={(ms) => openStrip(id, ms)}
          />
        )}
      </div>
      <div class="ecg-page__list">
        <Alarms patient={id} alarms={alarms} />
      </div>
      <p class="ecg-page__keys quiet">{te('ecg.keys')}</p>
    </div>
  );
}

export function EcgPage({ id, view }: { id: string; view: EcgView }) {
  const here = useFetched({ key: id, ask: (signal) => readPatient(id, signal) }).value;
  if (here.state === 'failed')
    return (
      <p class="page-note" role="alert">
        {errorText(here.error)}
      </p>
    );
  if (here.state !== 'here')
    return (
      <p class="page-note" role="status">
        {te('ecg.loading')}
      </p>
    );
  const leads = leadsOf(here.body);
  const [first] = leads;
  if (!first)
    return (
      <p class="page-note">
        {te('ecg.none')} <a href={hrefOfPatient(id)}>{te('ecg.back')}</a>
      </p>
    );
  return <Full here={here.body} leads={leads} first={first} view={view} />;
}
