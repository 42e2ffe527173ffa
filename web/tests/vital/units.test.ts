import { describe, expect, it } from 'vitest';
import { wardUnit } from '../../src/vital/units';

describe('wardUnit', () => {
  it.each([
    ['1/min', '/min'],
    ['/min', '/min'],
    ['mmHg', 'mmHg'],
    ['', ''],
  ])('%s is %s to the ward', (shown, unit) => expect(wardUnit(shown)).toBe(unit));
});
