import { describe, expect, it } from 'vitest';
import type { TrendWindow } from '../../src/api/shapes';
import { alignTrends, nearest } from '../../src/trend/trend_columns';

function windowOf(metric: string, points: [number, number][], bucket_s = 60): TrendWindow {
  const value = points.map(([, v]) => v);
  return {
    metric,
    unit: '/min',
    unit_shown: '1/min',
    from: '',
    to: '',
    resolution: 'minute',
    bucket_s,
    series: [
      {
        device: 'a',
        channel: 0,
        t: points.map(([t]) => t),
        mean: value,
        last: value,
        min: value.map((v) => v - 1),
        max: value.map((v) => v + 1),
        count: value.map(() => 60),
      },
    ],
  };
}

const same = (value: number) => value;
const align = (...windows: TrendWindow[]) =>
  alignTrends(
    windows.map((window) => ({ window, expectedIntervalS: 1 })),
    same,
  );

describe('alignTrends', () => {
  it('puts two series on one time axis', () => {
    const trend = align(
      windowOf('a', [
        [0, 1],
        [60_000, 2],
      ]),
      windowOf('b', [[60_000, 5]]),
    );
    expect(trend.data[0]).toEqual([0, 60_000]);
    expect(trend.lines.map((line) => line.metric)).toEqual(['a', 'b']);
    expect(trend.data[4]?.[1]).toBe(5);
    expect([trend.low, trend.high]).toEqual([0, 6]);
  });

  it('leaves a hole where values are missing, and none where they are not', () => {
    const trend = align(
      windowOf('a', [
        [0, 1],
        [60_000, 2],
        [600_000, 3],
      ]),
    );
    expect(trend.data[0]).toEqual([0, 60_000, 120_000, 600_000]);
    expect(trend.data[1]).toEqual([1, 2, null, 3]);
  });

  it('makes no holes where a device sends less often than is usual', () => {
    const everyMinute = windowOf(
      'a',
      [0, 1, 2, 3, 9, 10].map((minute): [number, number] => [minute * 60_000, minute]),
      0,
    );
    expect(align(everyMinute).data[1]).toEqual([0, 1, 2, 3, null, 9, 10]);
  });

  it('makes no holes between single measurements', () => {
    const trend = alignTrends(
      [
        {
          window: windowOf(
            'nibp_sys',
            [
              [0, 120],
              [9e6, 125],
            ],
            0,
          ),
          expectedIntervalS: 0,
        },
      ],
      same,
    );
    expect(trend.data[1]).toEqual([120, 125]);
  });

  it('converts the reader’s unit', () => {
    const trend = alignTrends(
      [{ window: windowOf('a', [[0, 100]]), expectedIntervalS: 1 }],
      (value) => value * 1.8 + 32,
    );
    expect(trend.data[1]).toEqual([212]);
  });

  it('knows a trend without values', () => {
    expect(align(windowOf('a', []))).toMatchObject({ lines: [], data: [[]] });
  });
});

describe('nearest', () => {
  const trend = align(
    windowOf('a', [
      [0, 1],
      [60_000, 2],
    ]),
  );
  it('finds the point beside the cursor', () => expect(nearest(trend, 1, 50_000, 30_000)).toBe(1));
  it('finds none far from any', () => expect(nearest(trend, 1, 200_000, 30_000)).toBeNull());
});
