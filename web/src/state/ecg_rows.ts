// Reads the rows of an ECG in full: those that are shown and are not known yet, a few at a time, and what was read
// of them. What was read is kept while one pages about, within bounds.
import { signal, type ReadonlySignal } from '@preact/signals';
import { readBeats, readRaw } from '../api/ecg_calls';
import type { ApiErrorBody } from '../api/shapes';
import { beatsIn, rhythmsIn, rhythmsOf, type BeatMark, type RhythmSpan } from '../ecg/marks';
import { groupsOf, rowsIn, type Page } from '../ecg/rows';
import { longestBlockMs } from '../ecg/strip_span';
import { endOf, tracesOf, type Piece, type Span } from '../ecg/trace';

export interface Lead {
  metric: string;
  device: string;
  channel: number;
}

export interface EcgRow {
  pieces: readonly Piece[];
  beats: readonly BeatMark[];
  rhythms: readonly RhythmSpan[];
  /** Mean of the rates in it; null: none was told. */
  heartRate: number | null;
}

export interface EcgRows {
  /** By the time at which each begins. */
  rows: ReadonlyMap<number, EcgRow>;
  isReading: boolean;
  failed: ApiErrorBody | null;
  /** The server says what beats there are. */
  hasBeats: boolean;
}

/** Of one request. */
const groupMs = 300_000;
/** Rows that are kept: four hours of minutes. */
const keptMax = 240;
/** What was sampled is stored and read after so long: rows that ended later are read again. */
const settleMs = 10_000;
/** How often a page that follows now is read on. */
const refreshMs = 10_000;
const limit = 5000;

export const leadKey = ({ metric, device, channel }: Lead): string =>
  `${metric}/${device}/${channel}`;

const overlaps = (piece: Piece, { fromMs, toMs }: Span) =>
  piece.startMs < toMs && endOf(piece) > fromMs;

const mean = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((sum, one) => sum + one, 0) / values.length;

export class RowsLoader {
  private readonly latest = signal<EcgRows>({
    rows: new Map(),
    isReading: true,
    failed: null,
    hasBeats: true,
  });
  private kept = new Map<number, EcgRow>();
  private keptOf = '';
  private aborting = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly patient: string,
    private readonly now: () => number,
  ) {}

  get rows(): ReadonlySignal<EcgRows> {
    return this.latest;
  }

  ask(lead: Lead, page: Page): void {
    this.stop();
    this.aborting = new AbortController();
    const of = `${leadKey(lead)} ${page.rowMs}`;
    if (of !== this.keptOf) this.kept = new Map();
    this.keptOf = of;
    void this.read(lead, page, this.aborting.signal);
  }

  stop(): void {
    this.aborting.abort();
    clearTimeout(this.timer);
  }

  private async read(lead: Lead, page: Page, aborted: AbortSignal): Promise<void> {
    const isOver = () => aborted.aborted;
    const missing = rowsIn(page)
      .map(({ fromMs }) => fromMs)
      .filter((fromMs) => !this.kept.has(fromMs) && fromMs <= this.now());
    const shown = new Map(this.kept);
    const show = (more: Partial<EcgRows>) => {
      this.latest.value = { ...this.latest.peek(), rows: new Map(shown), ...more };
    };
    show({ isReading: missing.length > 0, failed: null });
    for (const group of groupsOf(missing, page.rowMs, groupMs)) {
      const error = await this.readGroup(lead, page.rowMs, group, shown, aborted);
      if (isOver()) return;
      show({ failed: error });
    }
    show({ isReading: false });
    if (page.span.toMs > this.now() - settleMs)
      this.timer = setTimeout(() => void this.read(lead, page, aborted), refreshMs);
  }

  private async readGroup(
    lead: Lead,
    rowMs: number,
    group: Span,
    shown: Map<number, EcgRow>,
    aborted: AbortSignal,
  ): Promise<ApiErrorBody | null> {
    const { patient } = this;
    const { metric, device, channel } = lead;
    const { fromMs, toMs } = group;
    const from = fromMs - longestBlockMs;
    const [raw, read] = await Promise.all([
      readRaw({ patient, metrics: [metric], device, channel, fromMs: from, toMs, limit }, aborted),
      readBeats({ patient, device, fromMs, toMs }, aborted),
    ]);
    if (aborted.aborted) return null;
    if (!raw.ok) return raw.error;
    const pieces = tracesOf(raw.body.readings).flatMap((trace) => trace.pieces);
    if (!read.ok && read.status === 404)
      this.latest.value = { ...this.latest.peek(), hasBeats: false };
    for (let at = fromMs; at < toMs; at += rowMs) {
      const span = { fromMs: at, toMs: at + rowMs };
      const row: EcgRow = {
        pieces: pieces.filter((piece) => overlaps(piece, span)),
        beats: read.ok ? beatsIn(read.body.beats, span) : [],
        rhythms: read.ok ? rhythmsIn(rhythmsOf(read.body.rhythms, group), span) : [],
        heartRate: read.ok
          ? mean(
              read.body.heart_rate
                .filter(({ time }) => Date.parse(time) >= at && Date.parse(time) < span.toMs)
                .map(({ value }) => value),
            )
          : null,
      };
      shown.set(at, row);
      // What could not be told this time is asked again.
      const isWhole = read.ok || read.status === 404;
      if (isWhole && span.toMs < this.now() - settleMs) this.keep(at, row);
    }
    return null;
  }

  private keep(at: number, row: EcgRow): void {
    this.kept.set(at, row);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= keptMax) break;
      this.kept.delete(oldest);
    }
  }
}
