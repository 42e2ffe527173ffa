// What the state of a device's certificate means for whoever looks after devices.
import type { CertificateState, Device } from '../api/shapes';

/** The shape that stands for a state, for those who see no difference in weight. */
export const certificateSymbol: Record<CertificateState, string> = {
  good: '✓',
  expiring: '△',
  ended: '✕',
  revoked: '✕',
};

const urgency: Record<CertificateState, number> = { ended: 0, expiring: 1, good: 2, revoked: 3 };

/** Somebody has to see to it: it ends soon, or has ended, and nothing came in its place. */
export function needsCertificate(device: Device): boolean {
  const state = device.certificate?.state;
  // One that signs in with a token meanwhile is looked after already.
  return state === 'expiring' || (state === 'ended' && device.credential === 'none');
}

/** What it is sorted by: the most urgent first, then what ends first. */
export function certificateOrder(device: Device): string {
  if (!device.certificate) return '9';
  return `${urgency[device.certificate.state]} ${device.certificate.not_after}`;
}

/** Those that need somebody first; else in the order they came in. */
export function mostUrgentFirst(devices: readonly Device[]): Device[] {
  const urgent = devices.filter(needsCertificate);
  const order = (a: Device, b: Device) => (certificateOrder(a) < certificateOrder(b) ? -1 : 1);
  return [...urgent.sort(order), ...devices.filter((device) => !needsCertificate(device))];
}
