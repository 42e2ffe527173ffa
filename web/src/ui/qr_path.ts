/** Modules of a QR code; true is dark. */
export interface Bits {
  size: number;
  get: (x: number, y: number) => boolean;
}

/** The dark modules as one SVG path, a run of each row at a time. */
export function pathOf(bits: Bits): string {
  const { size } = bits;
  let path = '';
  for (let y = 0; y < size; y += 1)
    for (let x = 0; x < size; x += 1) {
      const from = x;
      while (x < size && bits.get(x, y)) x += 1;
      if (x > from) path += `M${from} ${y}h${x - from}v1h${from - x}z`;
    }
  return path;
}
