import { describe, expect, it } from 'vitest';
import { tileGrid } from '../../src/vital/tile_grid';

describe('tileGrid', () => {
  it.each([1, 2, 6, 12, 24, 48])('gives %i beds a place each on a wall display', (count) => {
    const { columns, rows } = tileGrid(count, 1920, 1000);
    expect(columns * rows).toBeGreaterThanOrEqual(count);
    expect((columns - 1) * rows).toBeLessThan(count);
    const shape = 1920 / columns / (1000 / rows);
    expect(shape).toBeGreaterThan(0.9);
  });

  it('knows a ward without beds', () => {
    expect(tileGrid(0, 1920, 1000)).toEqual({ columns: 1, rows: 1 });
  });
});
