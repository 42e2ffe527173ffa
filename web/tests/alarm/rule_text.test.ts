import { describe, expect, it } from 'vitest';
import { faultIn, placedSpans } from '../../src/alarm/rule_text';
import { timeOf } from './samples';

const error = (message: string, place = 'text') => ({ kind: 'malformed', message, place });

describe('faultIn', () => {
  it('has the character at which the fault is, and what is wrong there', () => {
    const fault = faultIn(
      'spo2 < 90 mmHg',
      error('character 11: "mmHg" stands where % (or no unit) should'),
    );
    expect(fault).toEqual({
      before: 'spo2 < 90 ',
      at: 'm',
      after: 'mHg',
      why: '"mmHg" stands where % (or no unit) should',
    });
  });
  it('counts bytes, as the server does', () => {
    const fault = faultIn('spo₂ < x', error('character 10: a number should stand here'));
    expect(fault).toMatchObject({ before: 'spo₂ < ', at: 'x', after: '' });
  });
  it('may be at the end', () => {
    expect(faultIn('hr <', error('character 5: a number should stand here'))).toMatchObject({
      before: 'hr <',
      at: '',
    });
  });
  it('is none of the text’s where it is of another field, or of nothing', () => {
    expect(faultIn('hr', error('what its alarms are called', 'name'))).toBeNull();
    expect(faultIn('hr', error('the rule in one line'))).toBeNull();
  });
});

describe('placedSpans', () => {
  it('lie where they were, cut at the edges', () => {
    const spans = [
      { from: timeOf(-10), to: timeOf(10) },
      { from: timeOf(50), to: timeOf(75) },
    ];
    expect(placedSpans(spans, Date.parse(timeOf(0)), Date.parse(timeOf(100)))).toEqual([
      { at: 0, share: 0.1 },
      { at: 0.5, share: 0.25 },
    ]);
  });
});
