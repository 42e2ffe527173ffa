// The texts of the ECG's views: a catalogue of its own, so that a first visit does not load it.
import { ecgDe } from './ecg_de';
import { ecgEn } from './ecg_en';
import type { Entry } from './en';
import { fill, languageInUse, type Parameters } from './index';

export type EcgWord = keyof typeof ecgEn;

const catalogues: Record<string, Record<EcgWord, Entry>> = { en: ecgEn, de: ecgDe };

/** As `t`, of these texts. */
export function te(key: EcgWord, parameters: Parameters = {}): string {
  const tag = languageInUse.value;
  return fill((catalogues[tag] ?? ecgEn)[key], tag, parameters);
}
