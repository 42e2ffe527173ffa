import { describe, expect, it } from 'vitest';
import type { AlarmEvent, Priority } from '../../src/api/alarm_shapes';
import { alarmsAt, beatsIn, clustersOf, countsOf, rhythmsIn, rhythmsOf } from '../../src/ecg/marks';

const iso = (ms: number) => new Date(ms).toISOString();
const event = (ms: number, priority: Priority | null, type = 'onset'): AlarmEvent => ({
  id: `${ms} ${type}`,
  patient: '1',
  device: null,
  time: iso(ms),
  type,
  actor: 'system',
  reason: '',
  detail: '',
  alarm: 'a',
  condition: 'spo2_low',
  screen: null,
  words: 'SpO2 low',
  priority,
  episode: 1,
  told: [],
  value: null,
  limit: null,
  unit_shown: '',
});

describe('beats', () => {
  const beats = [
    { time: iso(1000), class: 'N' as const },
    { time: iso(1600), class: 'V' as const },
    { time: iso(2400), class: 'N' as const },
  ];

  it('belong to the row in which they are', () => {
    expect(beatsIn(beats, { fromMs: 1000, toMs: 2400 })).toEqual([
      { ms: 1000, class: 'N' },
      { ms: 1600, class: 'V' },
    ]);
  });

  it('are counted by class', () => {
    expect(countsOf(beatsIn(beats, { fromMs: 0, toMs: 9000 }))).toEqual([
      ['N', 2],
      ['V', 1],
    ]);
  });
});

describe('rhythms', () => {
  const af = { rhythm: 'atrial fibrillation', from: iso(1000), to: iso(9000) };

  it('are known for what was read, and no longer', () => {
    const open = { rhythm: 'pause', from: iso(4000), to: null };
    expect(rhythmsOf([af, open], { fromMs: 2000, toMs: 6000 })).toEqual([
      { rhythm: 'atrial fibrillation', fromMs: 2000, toMs: 6000 },
      { rhythm: 'pause', fromMs: 4000, toMs: 6000 },
    ]);
    expect(rhythmsOf([af], { fromMs: 9000, toMs: 9500 })).toEqual([]);
  });

  it('are one where they were read in several pieces, and two where they were away', () => {
    const piece = (fromMs: number, toMs: number) => ({ rhythm: 'pause', fromMs, toMs });
    const read = [
      piece(60_000, 90_000),
      piece(0, 60_000),
      piece(0, 60_000),
      piece(99_000, 120_000),
    ];
    expect(rhythmsIn(read, { fromMs: 30_000, toMs: 110_000 })).toEqual([
      piece(30_000, 90_000),
      piece(99_000, 110_000),
    ]);
  });
});

describe('alarms on an axis of time', () => {
  it('stand where they began, oldest first, and nothing else does', () => {
    const events = [
      event(3000, 'low'),
      event(2500, 'high', 'acknowledged'),
      event(2000, 'high', 'onset-again'),
      event(1000, null),
    ];
    expect(alarmsAt(events).map(({ ms }) => ms)).toEqual([2000, 3000]);
  });

  it('become one mark of the highest priority where they would lie over each other', () => {
    const marks = alarmsAt([
      event(1000, 'low'),
      event(1010, 'high'),
      event(1020, 'medium'),
      event(1100, 'low'),
    ]);
    const clusters = clustersOf(marks, (ms) => ms, 50);
    expect(clusters.map(({ at, all }) => [at.priority, at.ms, all.length])).toEqual([
      ['high', 1010, 3],
      ['low', 1100, 1],
    ]);
  });
});
