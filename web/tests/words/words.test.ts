import { describe, expect, it } from 'vitest';
import { chooseLanguage, fill } from '../../src/words';
import { de } from '../../src/words/de';
import { ecgDe } from '../../src/words/ecg_de';
import { ecgEn } from '../../src/words/ecg_en';
import { en, type Entry } from '../../src/words/en';
import { defaultsDe } from '../../src/words/defaults_de';
import { defaultsEn } from '../../src/words/defaults_en';
import { displaysDe } from '../../src/words/displays_de';
import { displaysEn } from '../../src/words/displays_en';
import { dutiesDe } from '../../src/words/duties_de';
import { dutiesEn } from '../../src/words/duties_en';
import { rhythmDe } from '../../src/words/rhythm_de';
import { rhythmEn } from '../../src/words/rhythm_en';
import { rulesDe } from '../../src/words/rules_de';
import { rulesEn } from '../../src/words/rules_en';
import { scoresDe } from '../../src/words/scores_de';
import { scoresEn } from '../../src/words/scores_en';
import { whatIfDe } from '../../src/words/what_if_de';
import { whatIfEn } from '../../src/words/what_if_en';

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

const catalogues: [string, Record<string, Entry>, Record<string, Entry>][] = [
  ['the app', en, de],
  ['units’ limits', defaultsEn, defaultsDe],
  ['displays', displaysEn, displaysDe],
  ['duties', dutiesEn, dutiesDe],
  ['the ECG', ecgEn, ecgDe],
  ['rhythm', rhythmEn, rhythmDe],
  ['rules', rulesEn, rulesDe],
  ['scores', scoresEn, scoresDe],
  ['what-if', whatIfEn, whatIfDe],
];

describe('the German catalogue', () => {
  it.each(catalogues)('of %s fills the same places as the English one', (_, english, german) => {
    expect(Object.keys(german).sort()).toEqual(Object.keys(english).sort());
    for (const [key, entry] of Object.entries(english))
      expect([key, placesIn(german[key] ?? '')]).toEqual([key, placesIn(entry)]);
  });
});
