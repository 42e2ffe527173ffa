// Die Texte der Quarantäne auf Deutsch.
import type { Entry } from './en';
import type { quarantineEn } from './quarantine_en';

export const quarantineDe: Record<keyof typeof quarantineEn, Entry> = {
  'quarantine.title': 'Quarantäne',
  'quarantine.lead':
    'Was nicht gelesen werden konnte, bleibt hier, wie es kam. Ursache beheben, dann erneut lesen; oder mit einem Wort verwerfen.',
  'quarantine.count': { one: '{n} Nachricht', other: '{n} Nachrichten' },
  'quarantine.empty.open': 'Hier wartet nichts. Jede Nachricht konnte gelesen werden.',
  'quarantine.empty.replayed': 'Noch nichts wurde erneut gelesen.',
  'quarantine.empty.dismissed': 'Nichts wurde verworfen.',
  'quarantine.state': 'Zeigen',
  'quarantine.state.open': 'Offen ({n})',
  'quarantine.state.replayed': 'Erneut gelesen ({n})',
  'quarantine.state.dismissed': 'Verworfen ({n})',
  'quarantine.column.received': 'Empfangen',
  'quarantine.column.from': 'Von',
  'quarantine.column.topic': 'Topic',
  'quarantine.column.reason': 'Grund',
  'quarantine.column.size': 'Größe',
  'quarantine.open_item': 'Nachricht von {sender} zeigen, {time}',
  'quarantine.back': 'Alle Nachrichten',
  'quarantine.item': 'Nachricht',
  'quarantine.choose': 'Eine Nachricht wählen, um ihre Bytes zu sehen.',
  'quarantine.replay': 'Erneut lesen',
  'quarantine.dismiss': 'Verwerfen',
  'quarantine.note': 'Warum (freiwillig)',
  'quarantine.replayed': {
    one: 'Gelesen: {n} Messwert ist abgelegt.',
    other: 'Gelesen: {n} Messwerte sind abgelegt.',
  },
  'quarantine.register_title': '{device} registrieren',
  'quarantine.register_through': 'Es sendet über {gateway} und braucht keine eigenen Zugangsdaten.',
  'quarantine.register': 'Registrieren und erneut lesen',
  'quarantine.registered': '{device} ist registriert.',
  'quarantine.replaying': 'Nachricht {at} von {all} wird gelesen…',
  'quarantine.still': 'Weiterhin unlesbar: {message}',
  'quarantine.dismissed': 'Verworfen.',
  'quarantine.decided': 'Entschieden von {who}, {time}.',
  'quarantine.as_text': 'Text',
  'quarantine.as_hex': 'Bytes',
};
