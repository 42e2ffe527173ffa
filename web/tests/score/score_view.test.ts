import { describe, expect, it } from 'vitest';
import {
  digitsOf,
  highestOf,
  parted,
  pathOf,
  sinceOf,
  stepsOf,
  wanting,
} from '../../src/score/score_view';
import { inputOf, msOf, pointOf, scoreOf } from './samples';

describe('parted', () => {
  it('has NEWS2 first, and what is not made for the patient apart', () => {
    const scores = [
      scoreOf('mews'),
      scoreOf('brighton_pews', { applicability: 'too-old' }),
      scoreOf('news2', { applicability: 'assumed-adult' }),
    ];
    const { computed, others } = parted(scores);
    expect(computed.map(({ key }) => key)).toEqual(['news2', 'mews']);
    expect(others.map(({ key }) => key)).toEqual(['brighton_pews']);
  });
});

describe('digitsOf', () => {
  it.each([
    ['a sum', scoreOf('news2'), 0],
    ['a ratio', scoreOf('shock_index', { total: 0.85 }), 2],
    ['a ratio that is whole now', scoreOf('x', { total: 1, points: [pointOf(0, 0.9)] }), 2],
    ['nothing known', scoreOf('news2', { total: null, least: null, most: null }), 0],
  ])('%s', (_, score, digits) => expect(digitsOf(score)).toBe(digits));
});

describe('wanting', () => {
  it('names what a total lacks, and not what it can do without', () => {
    const inputs = [
      inputOf('pulse'),
      inputOf('temperature', { state: 'too-old' }),
      inputOf('paco2', { state: 'missing', optional: true }),
      inputOf('spo2', { state: 'undecided' }),
    ];
    expect(wanting({ inputs }).map(({ key }) => key)).toEqual(['temperature']);
  });
});

describe('sinceOf', () => {
  it('goes back to where the total began', () => {
    const points = [pointOf(0, 3), pointOf(5, 5), pointOf(9, 3), pointOf(12, 3)];
    expect(sinceOf(scoreOf('news2', { points }))).toBe(msOf(9));
  });
  it('goes back to where it became incomplete', () => {
    const points = [pointOf(0, 3), pointOf(5, null)];
    const score = scoreOf('news2', { complete: false, total: null, points });
    expect(sinceOf(score)).toBe(msOf(5));
  });
  it('is not known where nothing tells of it', () => {
    expect(sinceOf(scoreOf('news2', { points: [pointOf(0, 4)] }))).toBeNull();
  });
});

describe('stepsOf', () => {
  it('holds each total until the next, and leaves a hole where there was none', () => {
    const points = [pointOf(0, 3), pointOf(10, null), pointOf(20, 5), pointOf(25, 5)];
    expect(stepsOf(points, msOf(-60), msOf(30))).toEqual([
      { fromMs: msOf(0), toMs: msOf(10), value: 3 },
      { fromMs: msOf(20), toMs: msOf(30), value: 5 },
    ]);
  });
  it('begins at the edge with what held there', () => {
    expect(stepsOf([pointOf(0, 3)], msOf(5), msOf(30))).toEqual([
      { fromMs: msOf(5), toMs: msOf(30), value: 3 },
    ]);
  });
  it('leaves out what counted a wrong value', () => {
    const points = [pointOf(0, 9, { superseded: true }), pointOf(10, 3)];
    expect(stepsOf(points, msOf(-60), msOf(30))).toEqual([
      { fromMs: msOf(10), toMs: msOf(30), value: 3 },
    ]);
  });
});

describe('the chart', () => {
  const steps = stepsOf(
    [pointOf(0, 3), pointOf(10, 5), pointOf(20, null), pointOf(30, 1)],
    msOf(0),
    msOf(40),
  );
  it('is a line of steps with holes', () => {
    const path = pathOf(
      steps,
      (ms) => (ms - msOf(0)) / 60_000,
      (value) => 10 - value,
    );
    expect(path).toBe('M0.0 7.0H10.0L10.0 5.0H20.0M30.0 9.0H40.0');
  });
  it('is never so high that 1 looks like much', () => {
    expect(highestOf(steps, 0)).toBe(5);
    expect(highestOf([], 0)).toBe(4);
    expect(highestOf([], 2)).toBe(1);
  });
});
