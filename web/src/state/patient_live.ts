// What is known now of one patient: the newest reading of each series, the devices, the waveforms.
// Each series is a signal of its own, so that a new heart rate redraws a heart rate and no more.
import { signal, type Signal } from '@preact/signals';
import type { Device, Metric, Patient, Reading, Series } from '../api/shapes';
import type { WaveformBlock, WaveformSeries } from '../live/messages';
import { PlayDelay } from '../wave/play_delay';
import { WaveRing } from '../wave/ring';

export interface SeriesLive {
  key: string;
  device: string;
  metric: string;
  channel: number;
  expectedIntervalS: number;
  lastMs: number;
  latest: Reading;
}

/** One waveform as it comes: its samples, and how far behind it is drawn. */
export interface WaveTrack {
  key: string;
  device: string;
  metric: string;
  channel: number;
  unit: string;
  ring: WaveRing;
  delay: PlayDelay;
  expectedIntervalS: number;
  /**
   * The end of the newest block, milliseconds since 1970. No signal: it moves several times a second,
   * and an age is looked at once a second.
   */
  lastMs: number;
}

/** A screen 1 m wide at 12.5 mm/s holds no more. */
const ringMs = 80_000;

export const seriesKey = (series: { device: string; metric: string; channel: number }): string =>
  `${series.device}\u0000${series.metric}\u0000${series.channel}`;

function isNewer(reading: Reading, than: Reading): boolean {
  const at = Date.parse(reading.filed_time);
  const before = Date.parse(than.filed_time);
  return at > before || (at === before && reading.sequence >= than.sequence);
}

export class PatientLive {
  readonly patient: Signal<Patient>;
  readonly devices = signal<Device[]>([]);
  readonly seriesKeys = signal<readonly string[]>([]);
  readonly tracks = signal<readonly WaveTrack[]>([]);
  private readonly series = new Map<string, Signal<SeriesLive>>();

  constructor(
    patient: Patient,
    private readonly catalogue: ReadonlyMap<string, Metric>,
  ) {
    this.patient = signal(patient);
  }

  seriesOf(key: string): Signal<SeriesLive> | undefined {
    return this.series.get(key);
  }

  /** All series now known, in no order. Reading it subscribes to series that come and go. */
  allSeries(): Signal<SeriesLive>[] {
    return this.seriesKeys.value.flatMap((key) => this.series.get(key) ?? []);
  }

  loadSeries(all: Series[]): void {
    for (const series of all)
      if (series.latest) this.put(series.latest, series.expected_interval_s);
  }

  put(reading: Reading, expectedIntervalS?: number): void {
    if (reading.type === 'waveform') return;
    const key = seriesKey(reading);
    const known = this.series.get(key);
    if (known && !isNewer(reading, known.peek().latest)) return;
    const next: SeriesLive = {
      key,
      device: reading.device,
      metric: reading.metric,
      channel: reading.channel,
      expectedIntervalS:
        expectedIntervalS ?? known?.peek().expectedIntervalS ?? this.expected(reading),
      lastMs: Date.parse(reading.filed_time),
      latest: reading,
    };
    if (known) {
      known.value = next;
      return;
    }
    this.series.set(key, signal(next));
    this.seriesKeys.value = [...this.series.keys()];
  }

  /** A device's newest state; one that left this patient is taken out. */
  putDevice(device: Device): void {
    const others = this.devices.value.filter((known) => known.id !== device.id);
    const here = device.patient === this.patient.peek().id;
    if (!here && others.length === this.devices.value.length) return;
    const all = here ? [...others, device] : others;
    this.devices.value = all.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** The waveform that a connection announces: the one known by that name, or a new one. */
  track(announced: WaveformSeries): WaveTrack {
    const key = seriesKey(announced);
    const known = this.tracks.value.find((track) => track.key === key);
    if (known) return known;
    const track: WaveTrack = {
      key,
      device: announced.device,
      metric: announced.metric,
      channel: announced.channel,
      unit: announced.unit,
      ring: new WaveRing(ringMs),
      delay: new PlayDelay(),
      expectedIntervalS: this.expected(announced) || 1,
      lastMs: 0,
    };
    this.tracks.value = [...this.tracks.value, track];
    return track;
  }

  private expected(of: { metric: string }): number {
    return this.catalogue.get(of.metric)?.expected_interval_s ?? 0;
  }
}

export function putBlock(track: WaveTrack, block: WaveformBlock, arrivedMs: number): void {
  track.ring.put(block);
  if (!block.replayed) track.delay.arrived(block.startMs, arrivedMs);
  track.lastMs = track.ring.endMs;
}
