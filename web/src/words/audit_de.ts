// Die Texte des Zugriffsprotokolls auf Deutsch.
import type { auditEn } from './audit_en';
import type { Entry } from './en';

export const auditDe: Record<keyof typeof auditEn, Entry> = {
  'audit.title': 'Zugriffsprotokoll',
  'audit.lead':
    'Wer hat was getan, mit wessen Daten, und warum. Hier lässt sich nichts ändern oder entfernen; auch das Lesen wird festgehalten.',
  'audit.who': 'Wer (Benutzername)',
  'audit.patient': 'Wessen Daten',
  'audit.any': 'Beliebig',
  'audit.act.read': 'Lesen',
  'audit.act.write': 'Schreiben',
  'audit.act.administer': 'Verwalten',
  'audit.outcome': 'Ausgang',
  'audit.outcome.permitted': 'Erlaubt',
  'audit.outcome.denied': 'Verweigert',
  'audit.since': 'Wann',
  'audit.always': 'Immer',
  'audit.days': { one: 'Letzter Tag', other: 'Letzte {n} Tage' },
  'audit.search': 'Suchen',
  'audit.column.time': 'Zeit',
  'audit.column.who': 'Wer',
  'audit.column.what': 'Was',
  'audit.column.whose': 'Wessen Daten',
  'audit.column.from': 'Von',
  'audit.column.outcome': 'Ausgang',
  'audit.everyone': 'Die aller',
  'audit.nobody': 'Niemandes',
  'audit.unknown': 'Unbekannt',
  'audit.count': { one: '{n} Zeile', other: '{n} Zeilen' },
  'audit.searching': 'Wird durchsucht…',
  'audit.more': 'Es gibt ältere Zeilen.',
  'audit.all': 'Das sind alle.',
  'audit.empty': 'Davon ist nichts festgehalten.',
  'audit.older': 'Ältere Zeilen durchsuchen',
  'audit.check': 'Protokoll prüfen',
  'audit.checking': 'Wird geprüft…',
  'audit.sound': {
    one: 'Nichts wurde geändert oder entfernt: {n} Zeile passt. Der Prüfpunkt von {time} bürgt für alle bis Zeile {line}.',
    other:
      'Nichts wurde geändert oder entfernt: {n} Zeilen passen. Der Prüfpunkt von {time} bürgt für alle bis Zeile {line}.',
  },
  'audit.sound_unsigned': {
    one: 'Nichts wurde geändert oder entfernt: {n} Zeile passt. Noch gibt es keinen Prüfpunkt.',
    other: 'Nichts wurde geändert oder entfernt: {n} Zeilen passen. Noch gibt es keinen Prüfpunkt.',
  },
  'audit.tampered': 'Das Protokoll ist nicht, was geschrieben wurde:',
  'system.audit_syslog': {
    one: 'Das Zugriffsprotokoll kommt bei {collector} nicht an: {n} Zeile wartet ({why}).',
    other: 'Das Zugriffsprotokoll kommt bei {collector} nicht an: {n} Zeilen warten ({why}).',
  },
};
