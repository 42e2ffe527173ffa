import { describe, expect, it } from 'vitest';
import { audible, highest, keyOf, standing, withBeds } from '../../src/alarm/standing';
import { alarmOf, bedOf, timeOf } from './samples';

const bedsOf = (...beds: ReturnType<typeof bedOf>[]) => withBeds(new Map(), beds, true);
const ids = (beds: ReturnType<typeof bedsOf>) => standing(beds).map(({ alarm }) => alarm.id);

describe('withBeds', () => {
  it('replaces what was known of a bed, and leaves the others', () => {
    const before = bedsOf(bedOf('1', [alarmOf('a')]), bedOf('2', [alarmOf('b')]));
    expect(ids(withBeds(before, [bedOf('1', [])], false))).toEqual(['b']);
  });
  it('forgets whoever is not named where everybody is', () => {
    expect(withBeds(bedsOf(bedOf('1', []), bedOf('2', [])), [bedOf('2', [])], true).size).toBe(1);
  });
  it('forgets whom nobody watches any more', () => {
    const left = bedOf('1', [], { watched: false });
    expect(withBeds(bedsOf(bedOf('1', [alarmOf('a')])), [left], false).size).toBe(0);
  });
  it('tells a patient from a place of the same name', () => {
    expect(keyOf(bedOf('stray', []))).not.toBe(keyOf(bedOf(null, [])));
  });
});

describe('standing', () => {
  it('has the highest priority in front, and of one priority whoever waits longest', () => {
    const beds = bedsOf(
      bedOf('1', [
        alarmOf('low', { priority: 'low', since: timeOf(0) }),
        alarmOf('late', { priority: 'high', since: timeOf(9) }),
      ]),
      bedOf('2', [alarmOf('early', { priority: 'high', since: timeOf(3) }), alarmOf('medium')]),
    );
    expect(ids(beds)).toEqual(['early', 'late', 'medium', 'low']);
  });
  it('has what nobody has seen to before what somebody has acknowledged', () => {
    const seen = alarmOf('seen', { priority: 'high', state: 'acknowledged', audible: false });
    const over = alarmOf('over', { priority: 'high', state: 'latched', audible: false });
    expect(ids(bedsOf(bedOf('1', [seen, over, alarmOf('new')])))).toEqual(['over', 'new', 'seen']);
  });
  it('leaves out what is not to be seen', () => {
    const paused = alarmOf('paused', { visual: false, audible: false, suppressed: 'paused' });
    expect(ids(bedsOf(bedOf('1', [paused])))).toEqual([]);
  });
});

describe('what is to be heard', () => {
  it('is what the server says is audible, whatever its state', () => {
    const beds = bedsOf(
      bedOf('1', [alarmOf('quiet', { audible: false }), alarmOf('heard', { priority: 'low' })]),
    );
    expect(audible(beds)).toEqual([{ key: 'heard 1 low', priority: 'low' }]);
  });
  it('is another once it comes again, or rises', () => {
    const keys = (more: object) => audible(bedsOf(bedOf('1', [alarmOf('a', more)])))[0]?.key;
    expect(new Set([keys({}), keys({ episode: 2 }), keys({ priority: 'high' })]).size).toBe(3);
  });
});

describe('highest', () => {
  it('is the most urgent of all', () => {
    expect(highest([alarmOf('a', { priority: 'low' }), alarmOf('b')])).toBe('medium');
    expect(highest([])).toBeNull();
  });
});
