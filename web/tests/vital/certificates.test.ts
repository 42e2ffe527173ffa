import { describe, expect, it } from 'vitest';
import type { CertificateState, Device } from '../../src/api/shapes';
import { mostUrgentFirst, needsCertificate } from '../../src/vital/certificates';

function device(id: string, state: CertificateState | null, more: Partial<Device> = {}): Device {
  return {
    id,
    display: id,
    model: '',
    credential: 'certificate',
    certificate: state && {
      serial: '4f00ba5e',
      not_before: '2026-01-01T00:00:00Z',
      not_after: '2026-12-01T00:00:00Z',
      state,
      origin: 'enrolled',
    },
    enrolment: null,
    registered: '2026-01-01T00:00:00Z',
    connection: 'connected',
    since: '2026-01-01T00:00:00Z',
    last_seen: null,
    battery: null,
    clock: null,
    gateway: null,
    patient: null,
    attached_from: null,
    ...more,
  };
}

describe('devices whose certificate somebody has to see to', () => {
  it('are those that end soon or have ended, unless something else lets the device in', () => {
    expect(needsCertificate(device('a', 'expiring'))).toBe(true);
    expect(needsCertificate(device('a', 'ended', { credential: 'none' }))).toBe(true);
    expect(needsCertificate(device('a', 'ended', { credential: 'token' }))).toBe(false);
    for (const state of ['good', 'revoked', null] as const)
      expect(needsCertificate(device('a', state))).toBe(false);
  });

  it('stand first, those that have ended before those that will; the rest stay as they were', () => {
    const devices = [
      device('good', 'good'),
      device('none', null),
      device('soon', 'expiring'),
      device('ended', 'ended', { credential: 'none' }),
      device('revoked', 'revoked'),
    ];
    expect(mostUrgentFirst(devices).map(({ id }) => id)).toEqual([
      'ended',
      'soon',
      'good',
      'none',
      'revoked',
    ]);
  });
});
