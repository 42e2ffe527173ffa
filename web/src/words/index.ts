// The app's texts in the viewer's language.
import { computed, signal } from '@preact/signals';
import { localNumber, once } from '../vital/format';
import { en, type Catalogue, type Entry, type WordKey } from './en';

export type { WordKey } from './en';

interface Language {
  tag: string;
  words: Catalogue;
}

const current = signal<Language>({ tag: 'en', words: en });

/** Languages there is a catalogue for; each is loaded when it is first wanted. */
export const languages: Record<string, { name: string; load: () => Promise<Catalogue> }> = {
  en: { name: 'English', load: () => Promise.resolve(en) },
  de: { name: 'Deutsch', load: () => import('./de').then((module) => module.de) },
};

export const languageInUse = computed(() => current.value.tag);

/** The viewer's locale: how numbers and dates are written, also where a text is English. */
export const locale = signal('en');

export function chooseLanguage(wanted: readonly string[]): string {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split('-')[0] ?? '';
    if (language in languages) return tag;
  }
  return 'en';
}

export async function speak(tag: string): Promise<void> {
  const language = tag.toLowerCase().split('-')[0] ?? 'en';
  const words = (await languages[language]?.load()) ?? en;
  current.value = { tag: language, words };
  locale.value = tag;
}

const pluralRules = once((tag) => new Intl.PluralRules(tag));

export type Parameters = Record<string, string | number>;

export function fill(entry: Entry, tag: string, parameters: Parameters): string {
  let text: string;
  if (typeof entry === 'string') text = entry;
  else {
    const n = typeof parameters.n === 'number' ? parameters.n : 0;
    text = entry[pluralRules(tag).select(n)] ?? entry.other;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = parameters[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? localNumber(value, tag, 1) : value;
  });
}

/** A text, filled in. Reading it in a component follows a change of language. */
export function t(key: WordKey, parameters: Parameters = {}): string {
  const { tag, words } = current.value;
  return fill(words[key], tag, parameters);
}

/** A text by a key made at run time, or the fallback where there is none. */
export function tOr(key: string, fallback: string): string {
  return key in en ? t(key as WordKey) : fallback;
}
