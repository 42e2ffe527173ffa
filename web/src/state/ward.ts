// The ward as the live stream tells it. Frames go in, signals come out; it asks nobody for anything.
import { batch, signal } from '@preact/signals';
import type { Metric, Patient, PatientAnswer, WardAnswer } from '../api/shapes';
import type { ServerFrame, SnapshotPatient, WaveformBlock, WaveformSeries } from '../live/messages';
import { PatientLive, putBlock, type WaveTrack } from './patient_live';

export interface BedPlace {
  unit: string;
  bed: string;
  patient: PatientLive;
}

export class Ward {
  /** In the server's order, which is fixed: a bed never moves by itself. */
  readonly beds = signal<readonly BedPlace[] | null>(null);
  /** Grows when readings came late or never will: what shows the past asks the series API anew. */
  readonly pastChanged = signal(0);
  /** Grows when someone is heard of whom the ward does not know: time to ask for it again. */
  readonly strangers = signal(0);
  private readonly patients = new Map<string, PatientLive>();
  private readonly strangersSeen = new Set<string>();
  private announced = new Map<number, WaveformSeries>();
  private tracksByIndex = new Map<number, WaveTrack>();

  constructor(private readonly catalogue: ReadonlyMap<string, Metric>) {}

  patient(id: string): PatientLive | undefined {
    return this.patients.get(id);
  }

  load(answer: WardAnswer): void {
    batch(() => {
      this.beds.value = answer.beds.map((bed) => {
        const patient = this.known(bed.patient);
        patient.loadSeries(bed.series);
        for (const device of bed.devices) patient.putDevice(device);
        return { unit: bed.unit, bed: bed.bed, patient };
      });
    });
  }

  loadPatient(answer: PatientAnswer): PatientLive {
    return batch(() => {
      const patient = this.known(answer.patient);
      patient.loadSeries(answer.series);
      for (const device of answer.devices) patient.putDevice(device);
      return patient;
    });
  }

  /** A new connection counts its waveforms anew. */
  reconnected(): void {
    this.announced = new Map();
    this.tracksByIndex = new Map();
  }

  frame(frame: ServerFrame): void {
    batch(() => this.apply(frame));
  }

  waveforms(blocks: WaveformBlock[], arrivedMs: number): void {
    batch(() => {
      for (const block of blocks) {
        const track = this.trackOf(block.index);
        if (track) putBlock(track, block, arrivedMs);
      }
    });
  }

  private apply(frame: ServerFrame): void {
    switch (frame.type) {
      case 'snapshot':
        for (const patient of frame.patients) this.applySnapshot(patient);
        break;
      case 'readings':
        for (const reading of frame.readings)
          if (reading.patient !== null) this.of(reading.patient)?.put(reading);
        if (frame.replay) this.pastChanged.value += 1;
        break;
      case 'devices':
        for (const device of frame.devices) {
          for (const patient of this.patients.values()) patient.putDevice(device);
          if (device.patient !== null) this.of(device.patient);
        }
        break;
      case 'series':
        for (const series of frame.series) this.announced.set(series.index, series);
        break;
      case 'gap':
        if (frame.what === 'readings') this.pastChanged.value += 1;
        break;
      case 'hello':
      case 'heartbeat':
      case 'error':
        break;
    }
  }

  /** Found when first needed: a patient may become known after the waveform was announced. */
  private trackOf(index: number): WaveTrack | undefined {
    const known = this.tracksByIndex.get(index);
    if (known) return known;
    const announced = this.announced.get(index);
    const track = announced && this.of(announced.patient)?.track(announced);
    if (track) this.tracksByIndex.set(index, track);
    return track;
  }

  private applySnapshot(snapshot: SnapshotPatient): void {
    const patient = this.of(snapshot.patient);
    if (!patient) return;
    for (const reading of snapshot.readings) patient.put(reading);
    for (const device of snapshot.devices) patient.putDevice(device);
  }

  private known(patient: Patient): PatientLive {
    let live = this.patients.get(patient.id);
    if (live) live.patient.value = patient;
    else {
      live = new PatientLive(patient, this.catalogue);
      this.patients.set(patient.id, live);
    }
    return live;
  }

  private of(id: string): PatientLive | undefined {
    const patient = this.patients.get(id);
    if (!patient && !this.strangersSeen.has(id)) {
      this.strangersSeen.add(id);
      this.strangers.value += 1;
    }
    return patient;
  }
}
