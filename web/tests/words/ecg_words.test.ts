import { describe, expect, it } from 'vitest';
import { ecgDe } from '../../src/words/ecg_de';
import { ecgEn } from '../../src/words/ecg_en';
import type { Entry } from '../../src/words/en';

const placesIn = (entry: Entry) => {
  const texts = typeof entry === 'string' ? [entry] : Object.values(entry);
  return new Set(
    texts.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1])),
  );
};

describe('the German words of the ECG', () => {
  it('fill the same places as the English ones', () => {
    for (const key of Object.keys(ecgEn) as (keyof typeof ecgEn)[])
      expect([key, placesIn(ecgDe[key])]).toEqual([key, placesIn(ecgEn[key])]);
  });
});
