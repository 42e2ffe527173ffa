// A message in quarantine because it names a device that nobody has registered: which, and who speaks
// for it.
import type { QuarantineItem } from '../api/shapes';

export interface UnknownDevice {
  id: string;
  /** The registered device that sent the message for it; null: it sends for itself. */
  gateway: string | null;
}

export function unknownDevice(item: QuarantineItem): UnknownDevice | null {
  if (item.reason.kind !== 'unknown_device') return null;
  const id = item.reason.place || item.device;
  if (!id) return null;
  const speaksForItself = item.sender === id || item.topic.startsWith(`vigil/${id}/`);
  return { id, gateway: speaksForItself ? null : item.sender };
}
