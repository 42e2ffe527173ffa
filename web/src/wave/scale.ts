// The vertical scale of a waveform lane: calm (it changes only when it must) and, for an ECG, one of
// the gains that people know by heart.

export interface Range {
  low: number;
  high: number;
}

/** mm/mV, from the tallest trace to the flattest. */
const ecgGains = [40, 20, 10, 5, 2.5, 1.25];
/** An air of this much is left above and below. */
const room = 1.2;
/** A trace that fills less than this of its lane has become too small to read. */
const tooSmall = 0.4;

function around(seen: Range, size: number): Range {
  const middle = (seen.low + seen.high) / 2;
  return { low: middle - size / 2, high: middle + size / 2 };
}

function fits(current: Range, seen: Range): boolean {
  const size = current.high - current.low;
  const inside = current.low <= seen.low && seen.high <= current.high;
  return inside && (seen.high - seen.low) * room >= size * tooSmall;
}

export function ecgRange(current: Range | null, seen: Range, laneMm: number): Range {
  const swing = (seen.high - seen.low) * room;
  const sizes = ecgGains.map((gain) => laneMm / gain);
  const size = sizes.find((candidate) => swing <= candidate) ?? swing;
  if (current) {
    const inside = current.low <= seen.low && seen.high <= current.high;
    // The same gain and still inside: nothing moves.
    if (inside && Math.abs(current.high - current.low - size) < size / 100) return current;
    if (inside && fits(current, seen)) return current;
  }
  return around(seen, size);
}

export function plainRange(current: Range | null, seen: Range): Range {
  if (current && fits(current, seen)) return current;
  const swing = Math.max((seen.high - seen.low) * room, 1e-6);
  return around(seen, swing);
}

/** What an ECG scale bar of 1 mV measures in the lane, in lane heights. */
export function millivoltShare(range: Range): number {
  return 1 / (range.high - range.low);
}
