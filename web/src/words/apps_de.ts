// Die Texte zu Apps auf Deutsch: wenn sie fragen, registriert werden, im eigenen Konto stehen, sich öffnen.
import type { appsEn } from './apps_en';
import type { Entry } from './en';

export const appsDe: Record<keyof typeof appsEn, Entry> = {
  'nav.apps': 'Apps',

  'consent.title': 'Eine App bittet um Zugriff',
  'consent.sign_in_lead':
    'Eine App möchte Daten sehen, die Vigil aufbewahrt. Zum Entscheiden bitte anmelden.',
  'consent.what': 'die Anfrage der App',
  'consent.at': 'Sie ist unter {host}; dorthin geht Ihre Antwort.',
  'consent.kind.public': 'Eine App auf einem Telefon oder in einer Webseite.',
  'consent.kind.confidential': 'Eine App mit eigenem Server.',
  'consent.kind.service': 'Ein Programm, das arbeitet, ohne dass jemand dabei ist.',
  'consent.as': 'Sie sind als {name} ({username}) angemeldet.',
  'consent.not_you': 'Als jemand anderes anmelden',
  'consent.for': 'Für welchen Patienten',
  'consent.for_one': 'Für {patient}',
  'consent.choose': 'Patient suchen',
  'consent.choose_hint': 'Nach Name, Aktennummer oder Bett.',
  'consent.choose_first': 'Wählen Sie den Patienten, um den es geht.',
  'consent.found': { one: '{n} Patient gefunden', other: '{n} Patienten gefunden' },
  'consent.found_more': '{shown} von {n} Patienten sind zu sehen: mehr vom Namen eingeben.',
  'consent.found_none': 'Keiner Ihrer Patienten heißt so.',
  'consent.no_patients': 'Sie erreichen keinen Patienten, also gibt es keinen zu wählen.',
  'consent.wants': 'Was {app} darf',
  'consent.wants_hint':
    'Nehmen Sie weg, was sie nicht haben soll. Vielleicht arbeitet sie dann weniger gut.',
  'consent.nothing_left':
    'Für die App bleibt nichts zu sehen. Lassen Sie ihr wenigstens eines, oder lehnen Sie ab.',
  'consent.writes': 'Sie ändert hier Daten.',
  'consent.refused': 'Verlangt und nicht zu haben',
  'consent.refused_why':
    'Für diese App nicht registriert, Ihrer Rolle nicht offen oder hier nicht bekannt. Es wird weggelassen.',
  'consent.allow': 'Erlauben',
  'consent.deny': 'Ablehnen',
  'consent.until':
    'Die Frage steht bis {time}. Was Sie erlauben, können Sie unter „Mein Konto“ jederzeit sehen und beenden.',
  'consent.going': 'Zurück zu {app}…',
  'consent.gone_allowed': '{app} hat die Antwort: erlaubt. Sie können diese Seite schließen.',
  'consent.gone_denied': '{app} hat die Antwort: abgelehnt. Sie können diese Seite schließen.',
  'consent.no_address': 'Die Antwort ginge an eine Adresse, die ein Browser nicht öffnen sollte.',
  'consent.over_title': 'Hier gibt es nichts mehr zu entscheiden',
  'consent.over_why':
    'Die Frage einer App steht zehn Minuten und wird einmal beantwortet. Diese wurde beantwortet, oder ihre Zeit ist um.',
  'consent.over_how':
    'Gehen Sie zur App zurück und verbinden Sie sie noch einmal. Ist nur die Zeit verstrichen, so wurde nichts erlaubt.',

  'apps.title': 'Apps',
  'apps.lead':
    'Programme anderer, die über OAuth 2.1 und SMART App Launch mit den Daten hier arbeiten. Nur eine registrierte App kann um etwas bitten.',
  'apps.count': { one: '{n} App', other: '{n} Apps' },
  'apps.empty': 'Noch ist keine App registriert.',
  'apps.column.name': 'Name',
  'apps.column.kind': 'Art',
  'apps.column.state': 'Zustand',
  'apps.column.grants': 'Freigaben',
  'apps.column.registered': 'Registriert',
  'apps.column.actions': 'Aktionen',
  'apps.kind': 'Art',
  'apps.kind.public': 'Öffentlich',
  'apps.kind.confidential': 'Vertraulich',
  'apps.kind.service': 'Dienst',
  'apps.kind.means.public':
    'Auf einem Telefon oder in einer Webseite: kann kein Geheimnis bewahren. Eine Person meldet sich an und erlaubt sie.',
  'apps.kind.means.confidential':
    'Hat einen eigenen Server, der einen Schlüssel bewahrt. Eine Person meldet sich an und erlaubt sie.',
  'apps.kind.means.service':
    'Arbeitet, ohne dass jemand dabei ist, als Dienstkonto, und weist sich mit ihrem Schlüssel aus.',
  'apps.enabled': 'Offen',
  'apps.disabled': 'Gesperrt',
  'apps.register': 'App registrieren',
  'apps.name': 'Name',
  'apps.name_hint': 'Wie er gelesen wird, wenn die App fragt.',
  'apps.client_id': 'Client-ID',
  'apps.client_id_hint':
    'Darf leer bleiben: dann wird eine gemacht. Sie lässt sich danach nicht ändern.',
  'apps.redirect_uris': 'Rücksprungadressen',
  'apps.redirect_uris_hint':
    'Eine je Zeile, genau wie die App sie sendet: https://growth.example/callback',
  'apps.launch_uri': 'Startadresse',
  'apps.launch_uri_hint':
    'Wenn sie sich von der Seite eines Patienten öffnen lässt. Leer: das geht nicht.',
  'apps.jwks': 'Ihre öffentlichen Schlüssel (JWKS), eingefügt',
  'apps.jwks_hint':
    'Ein JSON-Objekt mit „keys“. Nur öffentliche Schlüssel: Ein privater wird abgewiesen.',
  'apps.jwks_kept': {
    one: '{n} Schlüssel ist hinterlegt. Andere einfügen, um ihn zu ersetzen.',
    other: '{n} Schlüssel sind hinterlegt. Andere einfügen, um sie zu ersetzen.',
  },
  'apps.jwks_uri': 'Oder die Adresse ihrer Schlüssel',
  'apps.jwks_uri_hint':
    'Eine https-Adresse; die Schlüssel werden neu gelesen, wenn die App sie wechselt.',
  'apps.jwks_no_json': 'Das ist kein JSON: {why}',
  'apps.jwks_one': 'Entweder die Schlüssel einfügen oder ihre Adresse nennen, nicht beides.',
  'apps.jwks_none': 'Die öffentlichen Schlüssel einfügen oder darunter ihre Adresse nennen.',
  'apps.account': 'Dienstkonto',
  'apps.account_hint': 'Seine Rolle und Stationen begrenzen, was die App erreicht.',
  'apps.account_choose': 'Konto wählen',
  'apps.account_none': 'Es gibt noch kein Dienstkonto. Legen Sie eines unter „Benutzer“ an.',
  'apps.scopes': 'Worum sie bitten darf (Geltungsbereiche)',
  'apps.scopes_hint':
    'Durch Leerzeichen oder Zeilen getrennt, wie SMART sie schreibt: patient/Observation.rs. Nach dem Punkt legt c an, liest r, ändert u, löscht d, sucht s. Niemand gibt mehr, als die eigene Rolle hat.',
  'apps.scopes_sets': 'Fertigen Satz hinzufügen',
  'apps.scopes_mean': 'In Worten',
  'apps.set.vitals': 'Vitalwerte eines Patienten',
  'apps.set.record': 'Die ganze Akte eines Patienten',
  'apps.set.opened': 'Von der Seite eines Patienten geöffnet',
  'apps.set.staff': 'Alle Patienten dessen, der sie erlaubt',
  'apps.set.away': 'Auch wenn die Person nicht da ist',
  'apps.set.system_vitals': 'Vitalwerte aller Patienten',
  'apps.set.system_record': 'Die ganze Akte aller Patienten',
  'apps.submit': 'Registrieren',
  'apps.working': 'Wird registriert…',
  'apps.registered': '{name} ist registriert',
  'apps.registered_how':
    'Tragen Sie diese beiden in der App ein. Ein Geheimnis ist nicht zu übergeben.',
  'apps.registered_done': 'Fertig',
  'apps.fhir_base': 'FHIR-Basis',
  'apps.change': 'Ändern',
  'apps.change_of': '{name} ändern',
  'apps.change_ends': {
    one: 'Speichern beendet die {n} Freigabe, die sie hat: Sie muss neu erlaubt werden.',
    other: 'Speichern beendet die {n} Freigaben, die sie hat: Sie muss neu erlaubt werden.',
  },
  'apps.save': 'Speichern',
  'apps.changed': '{name} ist geändert.',
  'apps.disable': 'Sperren',
  'apps.disable_of': '{name} sperren',
  'apps.disable_now': 'Jetzt sperren',
  'apps.disable_means': {
    one: '{name} bekommt ab jetzt nichts mehr, und die {n} Freigabe, die sie hat, endet. Wieder geöffnet muss sie neu erlaubt werden.',
    other:
      '{name} bekommt ab jetzt nichts mehr, und die {n} Freigaben, die sie hat, enden. Wieder geöffnet muss sie neu erlaubt werden.',
  },
  'apps.is_disabled': '{name} ist gesperrt.',
  'apps.enable': 'Öffnen',
  'apps.enable_of': '{name} öffnen',
  'apps.is_enabled': '{name} ist offen: Sie darf wieder fragen.',

  'own_apps.title': 'Apps, die in meinem Namen Daten sehen',
  'own_apps.count': { one: '{n} App', other: '{n} Apps' },
  'own_apps.none': 'Keine. Eine App, die Sie fragt und der Sie es erlauben, steht hier.',
  'own_apps.failed': 'Ihre Apps konnten nicht geladen werden.',
  'own_apps.since': 'seit {time}',
  'own_apps.until': 'bis {time}',
  'own_apps.patient': 'Für {patient}',
  'own_apps.may': 'Sie darf:',
  'own_apps.end': 'Beenden',
  'own_apps.end_of': 'Zugriff von {name} beenden',
  'own_apps.end_now': 'Jetzt beenden',
  'own_apps.end_means':
    '{name} sieht ab jetzt nichts mehr in Ihrem Namen. Was sie schon gelesen hat, bleibt bei ihr.',
  'own_apps.ended': 'Der Zugriff von {name} ist beendet.',

  'launch.open': 'App öffnen',
  'launch.title': 'App für {patient} öffnen',
  'launch.means':
    'Sie öffnet sich in einem neuen Tab und erfährt, welcher Patient das ist. Vielleicht bittet sie Sie zuerst um Erlaubnis.',
  'launch.opened': 'In einem neuen Tab geöffnet. Falls keiner kam:',
  'launch.link': '{name} öffnen',
};
