// Die Texte der Anmeldung mit zweitem Faktor und des eigenen Kontos auf Deutsch.
import type { accountEn } from './account_en';
import type { Entry } from './en';

export const accountDe: Record<keyof typeof accountEn, Entry> = {
  'signin.factor_lead': 'Das Passwort stimmt. Jetzt der Code des zweiten Faktors.',
  'signin.code': 'Code',
  'signin.code_hint': 'Sechs Ziffern aus der Authentifizierungs-App oder ein Ersatzcode.',
  'signin.recovery_hint': 'Ein Ersatzcode, wenn der Passkey nicht zur Hand ist.',
  'signin.factor_submit': 'Weiter',
  'signin.factor_back': 'Von vorn beginnen',
  'signin.provider': 'Anmelden mit {name}',
  'signin.provider_factor_lead':
    'Die Anmeldung dort hat geklappt. Jetzt der Code des zweiten Faktors von hier.',
  'signin.provider_busy': 'Die Anmeldung ist gerade nicht gelungen. Bitte noch einmal versuchen.',
  'signin.provider_cancelled': 'Die Anmeldung wurde dort abgebrochen.',
  'signin.provider_disabled': 'Das Konto ist hier gesperrt. Bitte an die Administration wenden.',
  'signin.provider_none': 'Dieser Server kennt keinen anderen Anmeldedienst.',
  'signin.provider_over':
    'Das hat zu lange gedauert oder wurde in einem anderen Fenster oder Browser begonnen. Bitte neu beginnen.',
  'signin.provider_unreachable':
    'Der Anmeldedienst antwortet nicht, wie er soll. Bitte noch einmal versuchen oder mit dem Passwort anmelden.',
  'signin.provider_refused':
    'Der Auskunft des Anmeldedienstes war nicht zu trauen. Bitte neu beginnen; bleibt es dabei, an die Administration wenden.',
  'signin.provider_unknown':
    'Hier gibt es noch kein Konto für Sie. Bitte an die Administration wenden.',
  'signin.set_up_lead':
    'Hier wird neben dem Passwort ein zweiter Faktor verlangt. Zum Weiterarbeiten einrichten.',
  'signin.set_up_go_on': 'Weiter zu Vigil',

  'account.title': 'Mein Konto',
  'account.open': 'Mein Konto',
  'account.failed': 'Das Konto konnte nicht geladen werden.',
  'account.again_title': 'Sind Sie es?',
  'account.again_lead':
    'Die Anmeldung ist eine Weile her. Für diese Änderung bitte das Passwort noch einmal eingeben.',
  'account.again_submit': 'Bestätigen',

  'password.title': 'Passwort',
  'password.lead':
    'Ein neues Passwort beendet Ihre anderen Sitzungen. Zugangsschlüssel von Programmen bleiben.',
  'password.new': 'Neues Passwort',
  'password.repeat': 'Neues Passwort noch einmal',
  'password.change': 'Passwort ändern',
  'password.changed': 'Das Passwort ist geändert. Ihre anderen Sitzungen sind beendet.',
  'password.rule.length': { one: 'Mindestens {n} Zeichen', other: 'Mindestens {n} Zeichen' },
  'password.rule.bytes': 'Höchstens 256 Zeichen einfachen Texts',
  'password.rule.name': 'Nicht immer wieder der Benutzername',
  'password.rule.repeats': 'Nicht immer wieder dieselben wenigen Zeichen',
  'password.rule.same': 'Zweimal gleich eingegeben',
  'password.rules': 'Was ein Passwort braucht',
  'password.rule.met': 'erfüllt',
  'password.rule.open': 'noch nicht',

  'factor.title': 'Zweiter Faktor',
  'factor.none':
    'Keiner ist eingerichtet: Wer Ihr Passwort erfährt, kann sich als Sie anmelden. Mit einem zweiten Faktor braucht es dazu auch Ihr Telefon.',
  'factor.asked': 'Hier wird von Ihnen ein zweiter Faktor verlangt.',
  'factor.since': 'Eine Authentifizierungs-App ist eingerichtet seit {date}.',
  'factor.codes_left': {
    one: '{n} Ersatzcode ist übrig.',
    other: '{n} Ersatzcodes sind übrig.',
  },
  'factor.set_up': 'Authentifizierungs-App einrichten',
  'factor.replace': 'Andere App einrichten',
  'factor.new_codes': 'Neue Ersatzcodes',
  'factor.remove': 'Entfernen',
  'factor.removed': 'Die Authentifizierungs-App ist entfernt.',
  'factor.code_title': 'Ein Code des zweiten Faktors',
  'factor.code_submit': 'Weiter',
  'factor.scan':
    'Mit einer Authentifizierungs-App scannen (etwa einem Passwortverwalter mit Einmalcodes).',
  'factor.qr': 'QR-Code mit dem Geheimnis darunter',
  'factor.by_hand': 'Oder dieses Geheimnis eintippen',
  'factor.first_code': 'Der Code, den die App zeigt',
  'factor.confirm': 'Bestätigen',
  'factor.codes_title': 'Ersatzcodes',
  'factor.codes_once':
    'Mit jedem davon können Sie sich einmal anmelden, wenn das Telefon verloren ist. Sie sind nur jetzt zu sehen: ausdrucken oder in einem Passwortverwalter aufbewahren.',
  'factor.codes_done': 'Ich habe sie aufbewahrt',
  'factor.codes_list': 'Ersatzcodes',

  'passkey.title': 'Passkeys',
  'passkey.lead':
    'Ein Passkey ist ein Schlüssel auf Telefon, Computer oder Sicherheitsschlüssel, der sich mit PIN, Finger oder Gesicht öffnet. Er meldet allein an und antwortet nur dieser Seite.',
  'passkey.none': 'Noch keiner.',
  'passkey.add': 'Passkey hinzufügen',
  'passkey.name': 'Wie Sie ihn nennen',
  'passkey.name_hint': 'Etwa „Diensttelefon“.',
  'passkey.added': 'Der Passkey „{name}“ ist hinzugefügt.',
  'passkey.removed': 'Der Passkey „{name}“ ist entfernt.',
  'passkey.remove_of': 'Den Passkey {name} entfernen',
  'passkey.registered': 'hinzugefügt {date}',
  'passkey.used': 'zuletzt benutzt {date}',
  'passkey.unused': 'noch nicht benutzt',
  'passkey.use': 'Passkey benutzen',
  'passkey.sign_in': 'Mit Passkey anmelden',
  'passkey.declined':
    'Kein Passkey wurde gezeigt: abgebrochen, zu lange gedauert, oder für diese Seite ist keiner da.',
  'passkey.not_here':
    'Dieser Browser bietet hier keine Passkeys an. Sie brauchen HTTPS und einen Namen, keine Adresse aus Zahlen.',

  'sessions.title': 'Wo Sie angemeldet sind',
  'sessions.count': { one: '{n} Sitzung', other: '{n} Sitzungen' },
  'sessions.column.where': 'Wo',
  'sessions.column.since': 'Seit',
  'sessions.column.seen': 'Zuletzt gesehen',
  'sessions.column.actions': 'Aktionen',
  'sessions.this': 'diese hier',
  'sessions.end': 'Beenden',
  'sessions.end_of': 'Die Sitzung von {where} beenden',
  'sessions.end_others': 'Alle anderen beenden',
  'sessions.ended': 'Die Sitzung von {where} ist beendet.',
  'sessions.others_ended': {
    one: '{n} andere Sitzung ist beendet.',
    other: '{n} andere Sitzungen sind beendet.',
  },
  'sessions.browser': '{browser} unter {system}',
  'sessions.unknown_browser': 'Ein anderer Browser',
};
