// Die Texte des gesperrten Bildschirms auf Deutsch.
import type { Entry } from './en';
import type { lockEn } from './lock_en';

export const lockDe: Record<keyof typeof lockEn, Entry> = {
  'lock.title': 'Gesperrt',
  'lock.of': '{name} ist angemeldet.',
  'lock.lead': 'Zeigen Sie, dass Sie es sind, und die Seite ist, wo Sie sie verlassen haben.',
  'lock.submit': 'Entsperren',
  'lock.working': 'Wird entsperrt…',
  'lock.by_passkey': 'Mit Passkey entsperren',
  'lock.somebody_else': 'Jemand anderes meldet sich an',
  'lock.somebody_else_hint': 'Das meldet {name} in diesem Browser ab.',
  'lock.alarms': {
    one: 'An {n} Bett meldet ein Gerät einen Alarm',
    other: 'An {n} Betten meldet ein Gerät einen Alarm',
  },
  'lock.standing': { one: '{n} Alarm', other: '{n} Alarme' },
  'lock.now': 'Bildschirm sperren',
  'preferences.lock': 'Bildschirm sperren, wenn niemand ihn berührt',
  'preferences.lock.minutes': { one: 'nach {n} Minute', other: 'nach {n} Minuten' },
  'preferences.lock.never': 'nie: eine Stationsanzeige',
};
