import { describe, expect, it } from 'vitest';
import type { BeatClass } from '../../src/api/score_shapes';
import { countedClasses, isOld, placedBeats } from '../../src/score/beats';

const timeOf = (second: number) => new Date(1_800_000_000_000 + second * 1000).toISOString();
const beat = (second: number, of: BeatClass) => ({ time: timeOf(second), class: of });

describe('countedClasses', () => {
  it('counts in the order of the standard, and leaves out what is not there', () => {
    const beats = [beat(0, 'V'), beat(1, 'N'), beat(2, 'N'), beat(3, 'S')];
    expect(countedClasses(beats)).toEqual([
      { class: 'N', count: 2 },
      { class: 'S', count: 1 },
      { class: 'V', count: 1 },
    ]);
  });
});

describe('placedBeats', () => {
  it('has each where it belongs between the first and the newest', () => {
    const beats = [beat(0, 'N'), beat(0.5, 'V'), beat(2, 'N')];
    expect(placedBeats(beats).map(({ at }) => at)).toEqual([0, 0.25, 1]);
  });
  it('has one beat alone, and none, without a fault', () => {
    expect(placedBeats([beat(0, 'N')]).map(({ at }) => at)).toEqual([0]);
    expect(placedBeats([])).toEqual([]);
  });
});

describe('isOld', () => {
  it('is what was read more than ten seconds ago', () => {
    const ecg = { up_to: timeOf(0) };
    expect(isOld(ecg, Date.parse(timeOf(10)))).toBe(false);
    expect(isOld(ecg, Date.parse(timeOf(10.1)))).toBe(true);
  });
});
