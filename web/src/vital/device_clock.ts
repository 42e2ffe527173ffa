// What a device's clock, as the server judges it, means for people.
import type { ClockState } from '../api/shapes';

/** Readings are filed by another time than the device's, or soon will be. */
export function clockIsWrong(state: ClockState): boolean {
  return state !== 'unknown' && state !== 'good';
}
