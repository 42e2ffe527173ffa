import { describe, expect, it } from 'vitest';
import type { QuarantineItem } from '../../src/api/shapes';
import { unknownDevice } from '../../src/vital/unknown_device';

const item = (part: Partial<QuarantineItem>): QuarantineItem => ({
  id: '0:7',
  receive_time: '2026-01-01T00:00:00Z',
  protocol: 'mqtt',
  sender: 'gateway-2',
  device: 'gateway-2',
  topic: 'vigil/gateway-2/senml',
  content_type: 'application/senml+json',
  size: 54,
  reason: { kind: 'unknown_device', message: 'not registered', place: 'thermo-9' },
  state: 'open',
  decided_by: null,
  decided_at: null,
  note: null,
  ...part,
});

describe('unknownDevice', () => {
  it('is the one the reason names, behind the gateway that sent the message', () => {
    expect(unknownDevice(item({}))).toEqual({ id: 'thermo-9', gateway: 'gateway-2' });
  });
  it('speaks for itself where the topic is its own', () => {
    const own = item({ topic: 'vigil/thermo-9/telemetry', sender: 'porter' });
    expect(unknownDevice(own)).toEqual({ id: 'thermo-9', gateway: null });
  });
  it('is nobody where something else was wrong', () => {
    const malformed = { kind: 'malformed', message: 'no JSON', place: 'byte 3' };
    expect(unknownDevice(item({ reason: malformed }))).toBeNull();
  });
});
