/** A number in [0, 1) that depends on nothing but its arguments. */
export function chance(...parts) {
  let h = 2166136261;
  for (const part of parts.join('|')) h = Math.imul(h ^ part.charCodeAt(0), 16777619);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
}
