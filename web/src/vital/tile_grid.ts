// How equal tiles share a screen: as large as they can be, whatever the number of beds.

/** A tile reads best a little wider than high. */
const shape = 1.55;

export interface TileGrid {
  columns: number;
  rows: number;
}

export function tileGrid(count: number, width: number, height: number): TileGrid {
  let best: TileGrid = { columns: 1, rows: Math.max(1, count) };
  let bestSize = 0;
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const size = Math.min(width / columns / shape, height / rows);
    if (size > bestSize) {
      bestSize = size;
      best = { columns, rows };
    }
  }
  return best;
}
