// Texts of a part that is loaded on demand: its catalogue comes with it, in the viewer's language, and a
// first visit loads none of it.
import { effect, signal } from '@preact/signals';
import { fill, languageInUse, type Parameters } from './index';
import type { Entry } from './en';

/** On their way: a part waits for them, so that it is not first shown in English. */
const underWay = new Set<Promise<unknown>>();

export interface Room<Key extends string> {
  /** A text, filled in. Reading it in a component follows a change of language. */
  (key: Key, parameters?: Parameters): string;
  /** A text by a key made at run time, or the fallback where there is none. */
  or: (key: string, fallback: string) => string;
}

/** `others`: how each language but English is loaded. */
export function room<Key extends string>(
  en: Record<Key, Entry>,
  others: Record<string, () => Promise<Record<Key, Entry>>>,
): Room<Key> {
  const known = signal<Record<string, Record<Key, Entry>>>({ en });
  effect(() => {
    const tag = languageInUse.value;
    const load = others[tag];
    if (tag in known.peek() || !load) return;
    const loading: Promise<void> = load()
      .then(
        (words) => void (known.value = { ...known.peek(), [tag]: words }),
        // The server is away: English words are better than none.
        () => undefined,
      )
      .finally(() => underWay.delete(loading));
    underWay.add(loading);
  });
  const say = (key: Key, parameters: Parameters = {}) => {
    const tag = languageInUse.value;
    const words = known.value[tag];
    return fill((words ?? en)[key], words ? tag : 'en', parameters);
  };
  return Object.assign(say, {
    or: (key: string, fallback: string) =>
      key in (known.value[languageInUse.value] ?? en) ? say(key as Key) : fallback,
  });
}

/** Once the texts of all that has been loaded are here. */
export const roomsSettled = (): Promise<unknown> => Promise.allSettled([...underWay]);
