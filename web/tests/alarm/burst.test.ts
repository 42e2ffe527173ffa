import { describe, expect, it } from 'vitest';
import { bursts, burstS, repeatS, silence, step, type Pulse } from '../../src/alarm/burst';
import type { Audible } from '../../src/alarm/standing';
import type { Priority } from '../../src/api/alarm_shapes';

/** From the end of one pulse to the beginning of the next, in ms. */
const spaces = (pulses: readonly Pulse[]) =>
  pulses.slice(1).map((pulse, i) => {
    const before = pulses[i];
    return Math.round(1000 * (pulse.atS - (before ? before.atS + before.lengthS : 0)));
  });

describe('bursts, by the ranges of IEC 60601-1-8 Tables 3 and 4', () => {
  it('high: ten pulses of 75 to 200 ms in two groups of three and two, 50 to 125 ms apart', () => {
    expect(bursts.high).toHaveLength(10);
    const x = 100;
    const td = 150;
    const group = [x, x, 2 * x + td, x];
    expect(spaces(bursts.high)).toEqual([...group, 700, ...group]);
    for (const { lengthS } of bursts.high) expect(Math.round(1000 * lengthS)).toBe(td);
  });
  it('medium: three pulses; low: two; evenly', () => {
    expect(spaces(bursts.medium)).toEqual([200, 200]);
    expect(spaces(bursts.low)).toEqual([200]);
  });
  it('pulses have 125 to 250 ms at medium and low priority, and 150 to 1000 Hz at any', () => {
    for (const pulse of [...bursts.medium, ...bursts.low]) {
      expect(pulse.lengthS).toBeGreaterThanOrEqual(0.125);
      expect(pulse.lengthS).toBeLessThanOrEqual(0.25);
    }
    for (const { hz } of Object.values(bursts).flat()) {
      expect(hz).toBeGreaterThanOrEqual(150);
      expect(hz).toBeLessThanOrEqual(1000);
    }
  });
  it('between bursts: 2.5 to 15 s high, 2.5 to 30 s medium, over 15 s low', () => {
    const between = (priority: Priority) => repeatS[priority] - burstS(priority);
    expect(between('high')).toBeGreaterThanOrEqual(2.5);
    expect(between('high')).toBeLessThanOrEqual(15);
    expect(between('medium')).toBeGreaterThanOrEqual(2.5);
    expect(between('medium')).toBeLessThanOrEqual(30);
    expect(between('low')).toBeGreaterThan(15);
  });
});

/** What sounds while seconds pass, four looks each, of what is heard at each second. */
function play(seconds: number, heardAt: (second: number) => Audible[]) {
  let sounding = silence;
  const told: string[] = [];
  for (let at = 0; at < seconds; at += 0.25) {
    const { next, start, cut } = step(sounding, heardAt(at), at);
    if (cut && !start) told.push(`${at} hush`);
    if (start) told.push(`${at} ${start}`);
    sounding = next;
  }
  return told;
}

const high = { key: 'h', priority: 'high' } as const;
const medium = { key: 'm', priority: 'medium' } as const;
const low = { key: 'l', priority: 'low' } as const;

describe('step: what was scheduled', () => {
  it('each priority again with its interval', () => {
    expect(play(31, () => [high])).toEqual(['0 high', '10 high', '20 high', '30 high']);
    expect(play(51, () => [medium])).toEqual(['0 medium', '25 medium', '50 medium']);
    expect(play(61, () => [low])).toEqual(['0 low', '30 low', '60 low']);
  });
  it('the highest alone', () => {
    expect(play(11, () => [low, high, medium])).toEqual(['0 high', '10 high']);
  });
  it('a higher one at once, over what sounds', () => {
    expect(play(5, (at) => (at < 1 ? [medium] : [medium, high]))).toEqual(['0 medium', '1 high']);
  });
  it('silence at once when it is acknowledged', () => {
    expect(play(30, (at) => (at < 2 ? [high] : []))).toEqual(['0 high', '2 hush']);
  });
  it('the next lower one when the higher is acknowledged', () => {
    expect(play(5, (at) => (at < 2 ? [high, medium] : [medium]))).toEqual(['0 high', '2 medium']);
  });
  it('a new one of the same priority does not wait out the interval', () => {
    const other = { key: 'm2', priority: 'medium' } as const;
    expect(play(12, (at) => (at < 6 ? [medium] : [medium, other]))).toEqual([
      '0 medium',
      '6 medium',
    ]);
  });
  it('new ones in a row leave the silence between bursts that the standard asks for', () => {
    const many = (at: number) =>
      Array.from({ length: 1 + Math.floor(at) }, (_, i) => ({ ...medium, key: `m${i}` }));
    const starts = play(20, many).map((line) => Number(line.split(' ')[0]));
    const gaps = starts.slice(1).map((at, i) => at - (starts[i] ?? 0));
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(burstS('medium') + 2.5);
    expect(starts.length).toBeGreaterThan(4);
  });
});
