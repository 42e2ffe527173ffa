import { describe, expect, it } from 'vitest';
import {
  decimalsOf,
  localBytes,
  localDate,
  localDecimal,
  localNumber,
} from '../../src/vital/format';

describe('localDate', () => {
  it('writes as much of a date of birth as is known', () => {
    expect(localDate('1957-02-03', 'de')).toBe('03.02.1957');
    expect(localDate('1957-02', 'en')).toBe('February 1957');
    expect(localDate('1957', 'de')).toBe('1957');
    expect(localDate('unknown', 'de')).toBe('unknown');
  });
});

describe('localDecimal', () => {
  it('keeps the digits as sent: 1.00 stays 1.00', () => {
    expect(localDecimal('1.00', 'en')).toBe('1.00');
  });
  it('writes the decimal mark of the locale', () => {
    expect(localDecimal('36.80', 'de')).toBe('36,80');
  });
  it('writes a minus sign, not a hyphen', () => {
    expect(localDecimal('-0.5', 'en')).toBe('\u22120.5');
  });
});

describe('localNumber', () => {
  it('groups and rounds as the locale does', () => {
    expect(localNumber(12345.67, 'en', 1)).toBe('12,345.7');
    expect(localNumber(12345.67, 'de', 1)).toBe('12.345,7');
  });
});

describe('decimalsOf', () => {
  it.each([
    ['72', 0],
    ['36.8', 1],
    ['1.00', 2],
    ['1.5E3', 1],
  ])('%s', (text, digits) => expect(decimalsOf(text)).toBe(digits));
});

describe('localBytes', () => {
  it.each([
    [12, '12 B'],
    [1536, '1.5 kB'],
    [41_200_000_000, '41.2 GB'],
  ])('%i', (bytes, text) => expect(localBytes(bytes, 'en')).toBe(text));
});
