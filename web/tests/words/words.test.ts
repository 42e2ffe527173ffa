import { describe, expect, it } from 'vitest';
import { chooseLanguage, fill } from '../../src/words';
import { de } from '../../src/words/de';
import { en, type Entry } from '../../src/words/en';

const placesIn = (entry: Entry) => {
  const texts = typeof entry === 'string' ? [entry] : Object.values(entry);
  return new Set(
    texts.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1])),
  );
};

describe('fill', () => {
  it('puts words and numbers in their places', () => {
    expect(fill('{name}: {n} beds', 'en', { name: 'ICU', n: 1200 })).toBe('ICU: 1,200 beds');
  });
  it('chooses the plural form of the language', () => {
    const beds = { one: '{n} bed', other: '{n} beds' };
    expect(fill(beds, 'en', { n: 1 })).toBe('1 bed');
    expect(fill(beds, 'en', { n: 0 })).toBe('0 beds');
  });
  it('leaves an unfilled place to be seen', () => {
    expect(fill('{who}', 'en', {})).toBe('{who}');
  });
});

describe('chooseLanguage', () => {
  it('takes the first language there is a catalogue for, region and all', () => {
    expect(chooseLanguage(['fr-CH', 'de-CH', 'en'])).toBe('de-CH');
    expect(chooseLanguage(['xx'])).toBe('en');
  });
});

describe('the German catalogue', () => {
  it('fills the same places as the English one', () => {
    for (const key of Object.keys(en) as (keyof typeof en)[])
      expect([key, placesIn(de[key])]).toEqual([key, placesIn(en[key])]);
  });
});
