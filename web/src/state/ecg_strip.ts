// Reads what a strip shows: every waveform that the patient had then, and the numbers at that instant. While the
// strip's time has not passed it reads on.
import { signal, type ReadonlySignal } from '@preact/signals';
import { readPatient } from '../api/calls';
import { metricsMax, readBeats, readRaw } from '../api/ecg_calls';
import type { ApiErrorBody, Device, Patient, PatientAnswer, Series } from '../api/shapes';
import { longestBlockMs, secondsToCome, spanAround } from '../ecg/strip_span';
import { beatsIn, rhythmsIn, rhythmsOf, type ReadEcg } from '../ecg/marks';
import { endOfAll, isEcg, joined, tracesOf, type Span, type Trace } from '../ecg/trace';
import { latestAt, lookBackMs } from '../ecg/numerics';
import type { SeriesLive } from './patient_live';
import { compareWaves } from '../vital/slots';

export interface ShownStrip {
  state: 'shown';
  patient: Patient;
  devices: readonly Device[];
  traces: readonly Trace[];
  numerics: readonly SeriesLive[];
  /** Of each device with an ECG, the beats and rhythms that were read of it. */
  read: readonly ReadEcg[];
  /** There was more than is read. */
  isCut: boolean;
}

export type Strip = { state: 'loading' } | ShownStrip | { state: 'failed'; error: ApiErrorBody };

/** Readings a page. */
const limit = 2000;
/** How often it reads on while it fills up. */
const refreshMs = 1500;
/** What is read again when it reads on: a block may come after one that began later. */
const againMs = 3000;

const hasIn = ({ first, last }: Series, { fromMs, toMs }: Span) =>
  Date.parse(first) <= toMs && Date.parse(last) >= fromMs - longestBlockMs;

/** Metrics that were sampled then, ECG leads first. */
export function wavesIn(all: readonly Series[], span: Span, fills: boolean): string[] {
  const waves = all.filter((one) => one.kind === 'waveform' && (fills || hasIn(one, span)));
  return [...new Set(waves.sort(compareWaves).map(({ metric }) => metric))].slice(0, metricsMax);
}

export class StripLoader {
  private readonly latest = signal<Strip>({ state: 'loading' });
  private readonly span: Span;
  private aborting = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly patient: string,
    private readonly atMs: number,
    private readonly now: () => number,
  ) {
    this.span = spanAround(atMs);
  }

  get strip(): ReadonlySignal<Strip> {
    return this.latest;
  }

  start(): void {
    this.aborting = new AbortController();
    void this.begin(this.aborting.signal);
  }

  stop(): void {
    this.aborting.abort();
    clearTimeout(this.timer);
  }

  private async begin(aborted: AbortSignal): Promise<void> {
    const isOver = () => aborted.aborted;
    const here = await readPatient(this.patient, aborted);
    if (isOver()) return;
    if (!here.ok) {
      this.latest.value = { state: 'failed', error: here.error };
      return;
    }
    const fills = secondsToCome(this.span, this.now()) > 0;
    const waves = wavesIn(here.body.series, this.span, fills);
    const from = this.span.fromMs - longestBlockMs;
    const [read, numerics] = await Promise.all([
      this.readFrom(from, waves, aborted),
      this.readNumerics(here.body, aborted),
    ]);
    if (isOver()) return;
    if (!read.ok) {
      this.latest.value = { state: 'failed', error: read.error };
      return;
    }
    this.latest.value = {
      state: 'shown',
      patient: here.body.patient,
      devices: here.body.devices,
      numerics,
      read: [],
      ...read.body,
    };
    void this.readEcgs(aborted);
    if (fills) this.later(waves, aborted);
  }

  /** Beats may have come while the waveforms were read. */
  private readNow(): Pick<ShownStrip, 'read'> {
    const latest = this.latest.peek();
    return { read: latest.state === 'shown' ? latest.read : [] };
  }

  private later(waves: readonly string[], aborted: AbortSignal): void {
    this.timer = setTimeout(() => void this.readOn(waves, aborted), refreshMs);
  }

  /** Once its time has passed all of it is read again: what came late is there too. */
  private async readOn(waves: readonly string[], aborted: AbortSignal): Promise<void> {
    const shown = this.latest.peek();
    if (shown.state !== 'shown') return;
    const fills = secondsToCome(this.span, this.now()) > 0;
    const whole = this.span.fromMs - longestBlockMs;
    const from = fills ? Math.max(whole, endOfAll(shown.traces) - againMs) : whole;
    const read = await this.readFrom(from, waves, aborted);
    if (aborted.aborted) return;
    if (read.ok)
      this.latest.value = {
        ...shown,
        ...this.readNow(),
        traces: fills ? joined(shown.traces, read.body.traces) : read.body.traces,
        isCut: shown.isCut || read.body.isCut,
      };
    if (fills || !read.ok) this.later(waves, aborted);
    else void this.readEcgs(aborted);
  }

  /** A server that does not tell beats leaves the strip without their marks. */
  private async readEcgs(aborted: AbortSignal): Promise<void> {
    const shown = this.latest.peek();
    if (shown.state !== 'shown') return;
    const ecgs = shown.traces.filter(({ metric }) => isEcg(metric));
    const devices = [...new Set(ecgs.map(({ device }) => device))];
    const read = await Promise.all(
      devices.map(async (device): Promise<ReadEcg[]> => {
        const answer = await readBeats({ patient: this.patient, device, ...this.span }, aborted);
        if (!answer.ok) return [];
        const { beats, rhythms } = answer.body;
        return [
          {
            device,
            beats: beatsIn(beats, this.span),
            rhythms: rhythmsIn(rhythmsOf(rhythms, this.span), this.span),
          },
        ];
      }),
    );
    const latest = this.latest.peek();
    if (!aborted.aborted && latest.state === 'shown')
      this.latest.value = { ...latest, read: read.flat() };
  }

  private async readFrom(fromMs: number, metrics: readonly string[], aborted: AbortSignal) {
    const { toMs } = this.span;
    const nothing = { ok: true as const, body: { traces: [] as Trace[], isCut: false } };
    if (metrics.length === 0) return nothing;
    const question = { patient: this.patient, metrics, fromMs, toMs, limit };
    const answer = await readRaw(question, aborted);
    if (!answer.ok) return answer;
    const { readings, isCut } = answer.body;
    return { ok: true as const, body: { traces: tracesOf(readings), isCut } };
  }

  /** Of each series the newest number that was there then, unless it was too old to say anything. */
  private async readNumerics(
    { series }: PatientAnswer,
    aborted: AbortSignal,
  ): Promise<readonly SeriesLive[]> {
    const groups = new Map<number, Set<string>>();
    for (const one of series) {
      const backMs = lookBackMs(one.expected_interval_s);
      if (one.kind !== 'numeric' || !hasIn(one, { fromMs: this.atMs - backMs, toMs: this.atMs }))
        continue;
      groups.set(backMs, (groups.get(backMs) ?? new Set()).add(one.metric));
    }
    const asked = [...groups].flatMap(([backMs, metrics]) =>
      chunks([...metrics], metricsMax).map((some) =>
        readRaw(
          {
            patient: this.patient,
            metrics: some,
            fromMs: this.atMs - backMs,
            toMs: this.atMs + 1,
            limit,
          },
          aborted,
        ),
      ),
    );
    const answers = await Promise.all(asked);
    return latestAt(
      answers.flatMap((answer) => (answer.ok ? answer.body.readings : [])),
      series,
      this.atMs,
    );
  }
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < all.length; at += size) parts.push(all.slice(at, at + size));
  return parts;
}
