// Devices' certificates and one-time codes in the mock server: made up, and never looked at by TLS.
import { randomBytes, randomInt } from 'node:crypto';
import { Refusal } from './refusal.mjs';

const day = 86_400_000;
const iso = (ms) => new Date(ms).toISOString();
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const pem = `-----BEGIN CERTIFICATE-----\n${randomBytes(48).toString('base64')}\n-----END CERTIFICATE-----\n`;

const newCode = () =>
  Array.from({ length: 5 }, () =>
    Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join(''),
  ).join('-');

/** `days` from now until it ends. */
export function certificate(now, days, origin, state) {
  return {
    serial: randomBytes(16).toString('hex'),
    not_before: iso(now - 90 * day),
    not_after: iso(now + days * day),
    state,
    origin,
  };
}

/** Some of the ward's monitors enrolled; one has forgotten to renew, one is too late. */
export function equip(devices, now) {
  const given = [
    ['monitor-01', 121, 'renewed', 'good'],
    ['monitor-03', 9, 'issued', 'expiring'],
    ['monitor-08', -2, 'enrolled', 'ended'],
  ];
  for (const [id, days, origin, state] of given) {
    const device = devices.find((one) => one.id === id);
    if (!device) continue;
    device.certificate = certificate(now, days, origin, state);
    device.credential = state === 'ended' ? 'none' : 'certificate';
  }
}

export function offer(device, now) {
  if (device.gateway)
    throw new Refusal(409, 'conflict', 'Its gateway speaks for this device.', 'device');
  device.enrolment = { expires: iso(now + day) };
  return {
    type: 'enrolment',
    username: device.id,
    code: newCode(),
    expires: device.enrolment.expires,
    authority_pem: pem,
    authority_sha256: `sha256:${'5e'.repeat(32)}`,
  };
}

function list(device) {
  return {
    certificates: device.certificate ? [device.certificate] : [],
    enrolment: device.enrolment && { ...device.enrolment, wrong_tries: 0 },
  };
}

function takeBack(device) {
  if (!device.enrolment) throw new Refusal(404, 'not_found', 'There is no such code.', 'code');
  device.enrolment = null;
}

function revoke(device) {
  if (device.credential === 'none' && !device.enrolment)
    throw new Refusal(409, 'conflict', 'This device has no credential.', 'device');
  if (device.certificate) device.certificate.state = 'revoked';
  Object.assign(device, { credential: 'none', enrolment: null });
  return device;
}

function known(ward, id) {
  const device = ward.devices.find((one) => one.id === id);
  if (!device) throw new Refusal(404, 'not_found', `No device ${id} here.`, 'device');
  return device;
}

const needs = ['devices', 'a'];

/** [method, path, what it takes, answer]. */
export const certificateRoutes = [
  [
    'POST',
    '/api/devices/:id/enrolment',
    needs,
    ({ ward }, { id }) => offer(known(ward, id), ward.now()),
  ],
  ['DELETE', '/api/devices/:id/enrolment', needs, ({ ward }, { id }) => takeBack(known(ward, id))],
  ['GET', '/api/devices/:id/certificates', needs, ({ ward }, { id }) => list(known(ward, id))],
  ['DELETE', '/api/devices/:id/credentials', needs, ({ ward }, { id }) => revoke(known(ward, id))],
];
