// The words of devices' certificates and of enrolling, in German.
import type { Entry } from './en';
import type { enrolmentEn } from './enrolment_en';

export const enrolmentDe: Record<keyof typeof enrolmentEn, Entry> = {
  'devices.column.certificate': 'Zertifikat',
  'devices.credential.enrolment': 'Einmalcode, für ein eigenes Zertifikat',
  'devices.certificates': 'Zertifikate',
  'devices.certificates_of': 'Zertifikate von {device}',
  'certificate.good': 'gültig bis {time}',
  'certificate.expiring': 'endet {time}',
  'certificate.ended': 'endete {time}',
  'certificate.revoked': 'widerrufen',
  'certificate.origin_issued': 'von Hand ausgestellt: erneuert sich nicht selbst',
  'certificate.origin_enrolled': 'mit Code angemeldet: erneuert sich selbst',
  'certificate.origin_renewed': 'vom Gerät selbst erneuert',
  'certificate.code_open': 'Ein Code gilt bis {time}.',
  'certificate.code_gone': 'Der Code gilt nicht mehr.',
  'certificate.wrong_tries': { one: '{n} falscher Versuch.', other: '{n} falsche Versuche.' },
  'certificate.urgent': {
    one: '{n} Zertifikat endet bald oder ist abgelaufen: Es steht zuerst.',
    other: '{n} Zertifikate enden bald oder sind abgelaufen: Sie stehen zuerst.',
  },
  'certificate.title': 'Zertifikate von {device}',
  'certificate.list': 'Zertifikate',
  'certificate.none': 'Es hatte noch kein Zertifikat.',
  'certificate.serial': 'Seriennummer',
  'certificate.enrol': 'Mit Code anmelden',
  'certificate.take_back': 'Code zurücknehmen',
  'certificate.revoke': 'Alles widerrufen',
  'certificate.revoke_of': 'Alles widerrufen, womit sich {device} ausweist',
  'certificate.revoke_means':
    'Zertifikate, Token und ein offener Code gelten nicht mehr, und das Gerät wird sofort getrennt. Seine Messwerte bleiben.',
  'certificate.revoke_now': 'Jetzt widerrufen',
  'certificate.revoked_all': '{device} kann sich nicht mehr ausweisen.',
  'devices.secret_code': 'Einmalcode',
  'devices.secret_code_means':
    'Gilt einmal, bis {time}. Das Gerät macht seinen Schlüssel selbst und behält ihn; dort auszuführen, mit der Datei der Stelle daneben.',
  'devices.secret_request': '1. Schlüssel und Antrag machen',
  'devices.secret_enrol': '2. Zertifikat holen',
  'devices.secret_fingerprint': 'Fingerabdruck der Zertifizierungsstelle (vigil-ca.pem)',
};
