// One patient: what is measured now above, what was measured on one time axis below, and for each
// value where it comes from.
import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { emergenciesNow } from '../access/relations';
import { withheldBy } from '../access/withheld';
import { readMessage } from '../api/calls';
import type { ApiErrorBody, Reading } from '../api/shapes';
import { appearance } from '../state/appearance';
import { useFetched } from '../state/fetched';
import { readPatientRecord } from '../state/patient_record';
import type { PatientLive } from '../state/patient_live';
import { preferences } from '../state/preferences';
import { go, hrefOfPatient, hrefOfPatientEcg, type TimelineView } from '../state/route';
import { TrendLoader } from '../state/trend';
import { loadMe, may, mayDo, me, ownView } from '../state/me';
import {
  catalogue,
  isLost,
  loadPatient,
  loadWard,
  now,
  refused,
  ward,
  watch,
} from '../state/watch';
import { extentOf, moved, spansS, zoomed } from '../trend/timeline_view';
import { trendLanes } from '../trend/trend_lanes';
import { ConsentsPanel } from '../ui/consents_panel';
import { DeviceList } from '../ui/device_list';
import { errorText } from '../ui/error_text';
import { loaded } from '../ui/loaded';
import { useKeys, type Keys } from '../ui/keys';
import { LaunchMenu } from '../ui/launch_menu';
import { MoveDialog } from '../ui/move_dialog';
import { OriginPanel } from '../ui/origin_panel';
import { PatientBanner } from '../ui/patient_banner';
import { PatientRecordView } from '../ui/patient_record';
import { PrivacyPanel } from '../ui/privacy_panel';
import { AccessesPanel } from '../ui/accesses_panel';
import { RelationsPanel } from '../ui/relations_panel';
import { Timeline } from '../ui/timeline';
import { VitalGrid } from '../ui/vital_grid';
import { WithheldNote } from '../ui/withheld_note';
import { WaveformStrip } from '../ui/waveform_strip';
import { compareWaves } from '../vital/slots';
import { axisUnit } from '../vital/units';
import { pixelsPerMm } from '../wave/sweep';
import { t } from '../words';
import { NotInCare } from './not_in_care';
import './patient_page.css';

const AlarmsPanel = loaded(() => import('../ui/alarms_panel').then((it) => it.AlarmsPanel));
const RhythmPanel = loaded(() => import('../ui/rhythm_panel').then((it) => it.RhythmPanel));
const ScoresPanel = loaded(() => import('../ui/scores_panel').then((it) => it.ScoresPanel));

function timelineKeys(view: TimelineView, show: (view: TimelineView) => void): Keys {
  const spans = spansS.map((spanS, i) => [String(i + 1), () => show({ ...view, spanS })] as const);
  return {
    ArrowLeft: () => show(moved(view, -0.25, now.peek())),
    ArrowRight: () => show(moved(view, 0.25, now.peek())),
    '+': () => show(zoomed(view, 0.5, 1, now.peek())),
    '-': () => show(zoomed(view, 2, 1, now.peek())),
    Home: () => show({ spanS: view.spanS, toMs: null }),
    ...Object.fromEntries(spans),
  };
}

/** The beds on either side, as they stand in the ward. */
function neighbours(id: string): { previous: string | null; next: string | null } {
  if (ownView.value) return { previous: null, next: null };
  const ids = (ward.beds.value ?? []).map((bed) => bed.patient.patient.value.id);
  const here = ids.indexOf(id);
  const at = (n: number) => (here < 0 ? null : (ids[n] ?? null));
  return { previous: at(here - 1), next: at(here + 1) };
}

function useTrends(patient: PatientLive, id: string, view: TimelineView) {
  const known = useComputed(() =>
    [...new Set(patient.allSeries().map((series) => series.peek().metric))].sort().join(),
  );
  const { units } = preferences.value;
  const lanes = useMemo(() => {
    const metrics = known.value === '' ? [] : known.value.split(',');
    return trendLanes(metrics, catalogue).map((lane) => ({
      lane,
      loader: new TrendLoader(catalogue, () => now.peek()),
    }));
  }, [known.value]);
  useEffect(() => {
    for (const { lane, loader } of lanes)
      loader.ask({
        patient: id,
        metrics: lane.metrics,
        view,
        points: 800,
        convert: axisUnit(lane.metric, units).convert,
      });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- and again when the past has changed
  }, [lanes, id, view, units, ward.pastChanged.value]);
  useEffect(() => () => lanes.forEach(({ loader }) => loader.stop()), [lanes]);
  return lanes.map(({ lane, loader }) => ({
    lane,
    unit: axisUnit(lane.metric, units).unit,
    trend: loader.trend,
  }));
}

function csvHref(id: string, view: TimelineView, metrics: readonly string[]): string {
  const { fromMs, toMs } = extentOf(view, now.peek());
  const search = new URLSearchParams({ patient: id });
  for (const metric of metrics) search.append('metric', metric);
  search.append('from', String(Math.floor(fromMs)));
  // A view that follows now has everything up to the moment of the download.
  if (view.toMs !== null) search.append('to', String(Math.ceil(toMs)));
  search.append('format', 'csv');
  return `/api/series/raw?${search.toString()}`;
}

/** Staff take a patient to another bed. */
function Mover({ patient }: { patient: PatientLive }) {
  const moving = useSignal(false);
  if (!may('patients', 'w')) return null;
  const units = new Set((ward.beds.value ?? []).map((bed) => bed.unit));
  return (
    <>
      <button onClick={() => (moving.value = true)}>{t('move.open')}</button>
      {moving.value && (
        <MoveDialog
          patient={patient.patient.value}
          units={[...units].filter(Boolean)}
          onMoved={(moved) => {
            patient.patient.value = moved;
            moving.value = false;
            void loadWard();
          }}
          onClose={() => (moving.value = false)}
        />
      )}
    </>
  );
}

function Here({ patient, id, view }: { patient: PatientLive; id: string; view: TimelineView }) {
  const asked = useSignal<Reading | null>(null);
  const reading = asked.value;
  const message = useFetched(
    reading && {
      key: `${reading.device} ${reading.metric} ${reading.filed_time}`,
      ask: (signal) => readMessage(reading, signal),
    },
  );
  const refreshed = useSignal(0);
  // An engineer sees what was measured, not the record.
  const seesRecord = may('record');
  const fhirId = patient.patient.value.fhir_id;
  const record = useFetched(
    fhirId === null || !seesRecord
      ? null
      : {
          key: `${fhirId} ${refreshed.value}`,
          ask: (signal) => readPatientRecord(fhirId, signal),
        },
  );
  const show = (next: TimelineView) => go({ page: 'patient', id, view: next }, 'replace');
  const { previous, next } = neighbours(id);
  useKeys({
    ...timelineKeys(view, show),
    '[': () => previous && go({ page: 'patient', id: previous, view }),
    ']': () => next && go({ page: 'patient', id: next, view }),
    Escape: () => (asked.value ? (asked.value = null) : go({ page: 'ward' })),
  });
  const lanes = useTrends(patient, id, view);
  const tracks = patient.tracks.value;
  const ordered = useMemo(() => [...tracks].sort(compareWaves), [tracks]);
  const palette = `${appearance.value} ${isLost.value}`;
  return (
    <div class="patient">
      <PatientBanner
        patient={patient.patient.value}
        nowMs={now.value}
        previous={previous && hrefOfPatient(previous)}
        next={next && hrefOfPatient(next)}
      >
        {!ownView.value && (
          <a class="button" href={hrefOfPatientEcg(id)}>
            {t('patient.ecg')}
          </a>
        )}
        <LaunchMenu patient={patient.patient.value} />
        <Mover patient={patient} />
      </PatientBanner>
      <section class="patient__waves" aria-label={t('patient.waveforms')}>
        {ordered.length === 0 ? (
          <p class="quiet">{t('wave.none')}</p>
        ) : (
          <WaveformStrip
            tracks={ordered}
            mmPerSecond={preferences.value.sweepMmPerSecond}
            nowMs={now.value}
            palette={palette}
            names="beside"
          />
        )}
      </section>
      <VitalGrid
        series={patient.allSeries().map((series) => series.value)}
        catalogue={catalogue}
        nowMs={now.value}
        asked={asked.value}
        onAsk={(of) => (asked.value = of)}
      />
      <Timeline
        alarmsOf={ownView.value ? null : id}
        lanes={lanes}
        devices={patient.devices.value}
        view={view}
        now={now}
        palette={palette}
        onView={show}
        csvHref={(metrics) => csvHref(id, view, metrics)}
      />
      <aside class="patient__side">
        {reading ? (
          <OriginPanel
            reading={reading}
            metric={catalogue.get(reading.metric)}
            message={message.value}
            convention={preferences.value.units}
            onClose={() => (asked.value = null)}
          />
        ) : (
          <>
            {!ownView.value && (
              <>
                <AlarmsPanel patient={id} />
                <ScoresPanel patient={id} mayBePregnant={patient.patient.value.sex !== 'male'} />
                <RhythmPanel patient={id} />
              </>
            )}
            <DeviceList
              devices={patient.devices.value}
              nowMs={now.value}
              mayAttach={may('devices', 'w')}
            />
            {me.value && (
              <>
                <RelationsPanel
                  patient={id}
                  unit={patient.patient.value.unit ?? ''}
                  me={me.value}
                />
                {fhirId !== null && mayDo(me.value, 'consents') && (
                  <ConsentsPanel
                    key={`consents ${id}`}
                    patient={patient.patient.value}
                    fhirId={fhirId}
                    me={me.value}
                  />
                )}
                <AccessesPanel key={id} patient={id} me={me.value} />
                <PrivacyPanel key={`privacy ${id}`} patient={patient.patient.value} me={me.value} />
              </>
            )}
            {me.value && <WithheldNote patient={id} me={me.value} />}
            {seesRecord && (
              <PatientRecordView
                fhirId={fhirId}
                record={record.value}
                onRefresh={() => (refreshed.value += 1)}
              />
            )}
          </>
        )}
      </aside>
    </div>
  );
}

/** As much of a waveform as the widest strip shows, and the server sends. */
const historyS = (mmPerSecond: number) =>
  Math.min(60, Math.ceil(screen.width / (mmPerSecond * pixelsPerMm)) + 2);

/** The emergency that opens the patient: with it and without it, other parts of them are seen. */
const useEmergency = (id: string): string =>
  useComputed(() =>
    emergenciesNow(me.value?.relations ?? [], now.value)
      .filter(({ patient }) => patient === id)
      .map((one) => one.id)
      .join(),
  ).value;

/** Asks for the patient, and again where the account may have come to reach them or no longer does. */
function useLoaded(id: string, emergency: string) {
  const here = useSignal<PatientLive | null>(null);
  const failed = useSignal<ApiErrorBody | null>(null);
  const turn = useSignal(0);
  const isRefused = refused.value.includes(id);
  useEffect(() => {
    if (!isRefused) return;
    void loadMe();
    turn.value += 1;
  }, [isRefused, turn]);
  const asked = turn.value;
  useEffect(() => {
    const aborting = new AbortController();
    void loadPatient(id, aborting.signal).then((outcome) => {
      if (aborting.signal.aborted) return;
      failed.value = 'error' in outcome ? outcome.error : null;
      here.value = 'error' in outcome ? null : outcome.patient;
      if ('error' in outcome) return;
      watch({
        patients: [id],
        metrics: 'all',
        waveforms: true,
        waveform_history_s: historyS(preferences.peek().sweepMmPerSecond),
      });
    });
    if (ward.beds.peek() === null && !ownView.peek()) void loadWard();
    return () => aborting.abort();
  }, [id, emergency, asked, here, failed]);
  return { patient: here.value, failed: failed.value, again: () => (turn.value += 1) };
}

export function PatientPage({ id, view }: { id: string; view: TimelineView }) {
  const emergency = useEmergency(id);
  const { patient, failed, again } = useLoaded(id, emergency);
  const who = me.value;
  if (failed?.kind === 'forbidden' && who)
    return <NotInCare id={id} who={who} withheld={withheldBy(failed)} onOpened={() => again()} />;
  if (failed)
    return (
      <p class="page-note" role="alert">
        {errorText(failed)}
      </p>
    );
  if (!patient)
    return (
      <p class="page-note" role="status">
        {t('app.loading', { what: t('patient.what') })}
      </p>
    );
  return <Here key={emergency} patient={patient} id={id} view={view} />;
}
