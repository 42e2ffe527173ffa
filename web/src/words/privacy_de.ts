// Die Wörter der Datenschutz-Seite, auf Deutsch.
import type { Entry } from './en';
import type { privacyEn } from './privacy_en';

export const privacyDe: Record<keyof typeof privacyEn, Entry> = {
  'privacy.title': 'Rechte an dieser Akte',
  'privacy.mine': 'Meine Daten',
  'privacy.download': 'Alles herunterladen',
  'privacy.download_means':
    'Ein Archiv: die Akte, Messwerte und Kurven, und wer darin gelesen hat. Bewahren Sie es auf, wo niemand sonst es findet.',
  'privacy.held': 'Löschsperre seit {since} durch {by}: {reason}',
  'privacy.restricted': 'Eingeschränkt seit {since} durch {by}: {reason}',
  'privacy.hold': 'Löschsperre setzen',
  'privacy.hold_means': 'Solange sie steht, kann nichts von diesem Patienten gelöscht werden.',
  'privacy.release': 'Löschsperre aufheben',
  'privacy.restrict': 'Einschränken',
  'privacy.restrict_means':
    'Wird weiter gespeichert, aber nur von Administratoren gesehen, vom Patienten und wen er einlässt, und im Notfall. Die Bildschirme der Station zeigen diesen Patienten nicht mehr.',
  'privacy.lift': 'Einschränkung aufheben',
  'privacy.reason': 'Grund',
  'privacy.reason_hint': 'Er wird festgehalten.',
  'privacy.erase': 'Löschen',
  'privacy.erase_title': 'Diesen Patienten für immer löschen',
  'privacy.erase_means':
    'Messwerte, Akte, Rohnachrichten und jede Sicherung davon werden unlesbar. Das lässt sich nicht rückgängig machen.',
  'privacy.erase_reason_hint': 'Er bleibt für immer stehen: Nennen Sie den Patienten nicht.',
  'privacy.identifier': 'Zum Fortfahren {identifier} eingeben',
  'privacy.erase_now': 'Für immer löschen',
  'privacy.erased': 'Dieser Patient ist gelöscht.',
  'privacy.erased_means':
    'Die letzte Kopie des Schlüssels ist bis {until} weg, wenn Kopien nach den Regeln aufbewahrt werden.',
  'privacy.certificate': 'Bescheinigung',
};
