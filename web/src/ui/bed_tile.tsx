// A bed on the ward view: who, whether all is well with the devices, waveforms, four numerics and the
// age of each. Nothing else.
import type { ComponentChildren } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { standingOf } from '../alarm/standing';
import type { AlarmBed } from '../api/alarm_shapes';
import type { Metric } from '../api/shapes';
import type { BedPlace } from '../state/ward';
import type { PatientLive, WaveTrack } from '../state/patient_live';
import type { Preferences } from '../state/preferences';
import { hrefOfPatient } from '../state/route';
import { bedNotice, type BedNotice } from '../vital/bed_notice';
import {
  breathing,
  choose,
  compareWaves,
  heartRate,
  partsOf,
  pressure,
  saturation,
  temperature,
  type Slot,
  type WaveColour,
} from '../vital/slots';
import { pressureView, valueView, type ValueView, type Viewer } from '../vital/value_view';
import { t } from '../words';
import { AlarmMark, useInStep } from './alarm_mark';
import { alarmText, conditionWords, inactiveBy, inactiveText } from './alarm_words';
import { vitalName, waveName } from './metric_names';
import { NumericTile } from './numeric_tile';
import { ageText } from './speech';
import { WaveformStrip } from './waveform_strip';
import './bed_tile.css';

export interface TileSurroundings {
  catalogue: ReadonlyMap<string, Metric>;
  nowMs: number;
  viewer: Viewer;
  preferences: Preferences;
  palette: string;
}

interface Numeric {
  name: string;
  colour: WaveColour;
  view: ValueView;
}

export function slotNumeric(
  slot: Slot,
  patient: PatientLive,
  around: Pick<TileSurroundings, 'catalogue' | 'nowMs' | 'viewer'>,
): Numeric {
  const { catalogue, nowMs, viewer } = around;
  const all = patient.allSeries().map((series) => series.value);
  const chosen = choose(slot, all, nowMs);
  const metricOf = (key: string) => catalogue.get(key);
  const fallback = slot.pressure ? 'nibp' : slot.name;
  const view =
    chosen && slot.pressure
      ? pressureView(partsOf(chosen, all), metricOf, nowMs, viewer)
      : valueView(chosen, chosen ? metricOf(chosen.metric) : undefined, nowMs, viewer);
  const colour =
    slot.name === 'heart_rate' && chosen?.metric !== 'heart_rate' && chosen ? 'pleth' : slot.colour;
  const metric = chosen?.metric ?? fallback;
  return { name: vitalName(metric, metricOf(metric)?.display ?? metric), colour, view };
}

function noticeText(notice: BedNotice, catalogue: TileSurroundings['catalogue']): string {
  const display = (metric: string) => catalogue.get(metric)?.display ?? metric;
  switch (notice.what) {
    case 'no_device':
      return t('tile.no_device');
    case 'device_off':
      return t('tile.device_off', { device: notice.device, age: ageText(notice.age) });
    case 'no_data':
      return t('tile.no_data', {
        name: vitalName(notice.metric, display(notice.metric)),
        age: ageText(notice.age),
      });
    case 'no_signal':
      return t('tile.no_signal', {
        wave: waveName(notice.metric, display(notice.metric)),
        age: ageText(notice.age),
      });
    case 'battery':
      return t('tile.battery_low', { device: notice.device, percent: notice.percent });
    case 'clock':
      return t('tile.clock_off', { device: notice.device });
  }
}

/** Without the name of a device or value: the rest of the tile says it, and there is room for the age. */
function noticeInShort(notice: BedNotice): string {
  switch (notice.what) {
    case 'no_device':
      return t('tile.no_device_short');
    case 'device_off':
      return t('device.disconnected', { age: ageText(notice.age) });
    case 'battery':
      return t('tile.battery', { percent: notice.percent });
    case 'clock':
      return t('tile.clock_off_short');
    case 'no_data':
      return t('value.no_data', { age: ageText(notice.age) });
    case 'no_signal':
      return t('wave.no_signal', { age: ageText(notice.age) });
  }
}

function Notice({
  notice,
  catalogue,
}: {
  notice: BedNotice;
  catalogue: TileSurroundings['catalogue'];
}) {
  return (
    <span class="bed-tile__notice">
      <span class="bed-tile__notice-long">{noticeText(notice, catalogue)}</span>
      <span class="bed-tile__notice-short">{noticeInShort(notice)}</span>
    </span>
  );
}

/** On a tile: the ECG, the pleth and the breathing, as far as there is room. */
function tracksFor(all: readonly WaveTrack[]): readonly WaveTrack[] {
  const first = (start: string) =>
    all
      .filter((track) => track.metric.startsWith(start))
      .sort(compareWaves)
      .slice(0, 1);
  return [...first('ecg'), ...first('pleth'), ...first('resp')];
}

function TileNumeric({
  slot,
  patient,
  around,
}: {
  slot: Slot;
  patient: PatientLive;
  around: TileSurroundings;
}) {
  const numeric = slotNumeric(slot, patient, around);
  return <NumericTile {...numeric} large={slot === heartRate} />;
}

/** The most urgent alarm of the bed, and how many there are beside it. */
function TileAlarm({ bed }: { bed: AlarmBed }) {
  const all = standingOf([bed]);
  const [first] = all;
  if (!first) return null;
  const { alarm } = first;
  return (
    <span class="bed-tile__alarm" data-state={alarm.state}>
      <AlarmMark priority={alarm.priority} />
      <span class="bed-tile__alarm-words">
        <span class="bed-tile__notice-long">{alarmText(alarm)}</span>
        <span class="bed-tile__notice-short">{conditionWords(alarm)}</span>
      </span>
      {all.length > 1 && <span>{t('tile.more_alarms', { n: all.length - 1 })}</span>}
    </span>
  );
}

/** No bed is without its alarms by accident: what is paused or off says so, by whom and since when. */
function TileInactive({ bed }: { bed: AlarmBed | null }) {
  if (!bed) return <span class="bed-tile__notice bed-tile__inactive">{t('tile.not_watched')}</span>;
  const [first, ...others] = bed.inactivations;
  if (!first) return null;
  const what = inactiveText(first, bed);
  const more = others.length > 0 ? ` ${t('tile.more_alarms', { n: others.length })}` : '';
  return (
    <span class="bed-tile__notice bed-tile__inactive">
      <span class="bed-tile__notice-long">{`${what}, ${inactiveBy(first)}${more}`}</span>
      <span class="bed-tile__notice-short">{`${what}${more}`}</span>
    </span>
  );
}

export function BedTile({
  place,
  around,
  alarms,
  score,
}: {
  place: BedPlace;
  around: TileSurroundings;
  /** What stands for the early-warning score. */
  score?: ComponentChildren;
  /** Null: nobody watches this bed; undefined: it is not known. */
  alarms?: AlarmBed | null;
}) {
  const { patient } = place;
  const who = patient.patient.value;
  const name = around.preferences.initials ? who.initials : who.display_name;
  const tracks = patient.tracks.value;
  const shown = useMemo(() => tracksFor(tracks), [tracks]);
  const notice = bedNotice(patient, around.nowMs);
  const first = alarms ? standingOf([alarms])[0]?.alarm : undefined;
  const element = useRef<HTMLElement>(null);
  useInStep(element, first ? `${first.priority} ${first.state}` : '');
  return (
    <article
      ref={element}
      class="bed-tile"
      aria-label={t('ward.bed_name', { bed: place.bed, name })}
      {...(first ? { 'data-priority': first.priority, 'data-alarm': first.state } : {})}
    >
      <header class="bed-tile__head">
        <a class="bed-tile__link" href={hrefOfPatient(who.id)}>
          <span class="bed-tile__bed">{place.bed}</span>
          <span class="bed-tile__name">{name}</span>
        </a>
        {score}
        {alarms !== undefined && <TileInactive bed={alarms} />}
        {alarms && <TileAlarm bed={alarms} />}
        {notice && !first && <Notice notice={notice} catalogue={around.catalogue} />}
      </header>
      <div class="bed-tile__waves">
        <WaveformStrip
          tracks={shown}
          mmPerSecond={around.preferences.sweepMmPerSecond}
          nowMs={around.nowMs}
          palette={around.palette}
          names="above"
        />
      </div>
      <div class="bed-tile__numerics">
        {[heartRate, saturation, breathing].map((slot) => (
          <TileNumeric key={slot.name} slot={slot} patient={patient} around={around} />
        ))}
      </div>
      <div class="bed-tile__foot">
        <TileNumeric slot={pressure} patient={patient} around={around} />
        <TileNumeric slot={temperature} patient={patient} around={around} />
      </div>
    </article>
  );
}
