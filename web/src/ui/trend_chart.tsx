// One lane of the timeline, drawn by uPlot. It is given columns and draws them.
import { useSignal, type ReadonlySignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { chartOptions, type ChartFrame } from '../trend/trend_chart';
import type { TrendData } from '../trend/trend_columns';
import type { WaveColour } from '../vital/slots';

type Fixed = Omit<ChartFrame, 'width' | 'height'>;

interface Props {
  trend: TrendData;
  colour: WaveColour;
  frame: Fixed;
  extent: ReadonlySignal<{ fromMs: number; toMs: number }>;
  palette: string;
  label: string;
  onCursor: (ms: number | null) => void;
}

function lookOf(element: Element, colour: WaveColour) {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  const line = token(`--wave-${colour}`);
  return {
    line,
    band: `color-mix(in srgb, ${line} 26%, transparent)`,
    edge: `color-mix(in srgb, ${line} 55%, transparent)`,
    grid: token('--n5'),
    text: token('--n10'),
    font: `11px ${style.fontFamily}`,
  };
}

export function TrendChart({ trend, colour, frame, extent, palette, label, onCursor }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const size = useSignal<{ width: number; height: number } | null>(null);
  const latest = useRef({ trend, frame, onCursor });
  latest.current = { trend, frame, onCursor };

  useEffect(() => {
    const place = element.current;
    if (!place) return undefined;
    const sizes = new ResizeObserver(() => {
      size.value = { width: place.clientWidth, height: place.clientHeight };
    });
    sizes.observe(place);
    return () => sizes.disconnect();
  }, [size]);

  const { width = 0, height = 0 } = size.value ?? {};
  // A chart is made anew when what it is made of changes; new values of the same lines only flow in.
  const made = `${palette} ${frame.showsTimes} ${trend.lines.map((line) => line.metric + line.device).join()}`;
  useEffect(() => {
    const place = element.current;
    if (!place || width === 0 || height === 0) return undefined;
    const now = latest.current;
    const options = chartOptions(
      now.trend,
      lookOf(place, colour),
      { ...now.frame, width, height },
      () => {
        const { fromMs, toMs } = extent.peek();
        return [fromMs, toMs];
      },
    );
    options.hooks = {
      setCursor: [
        (drawn) => {
          const left = drawn.cursor.left ?? -1;
          latest.current.onCursor(left < 0 ? null : drawn.posToVal(left, 'x'));
        },
      ],
    };
    const drawn = new uPlot(options, now.trend.data, place);
    chart.current = drawn;
    return () => {
      drawn.destroy();
      chart.current = null;
    };
  }, [made, width, height, colour, extent]);

  useEffect(() => {
    chart.current?.setData(trend.data, true);
  }, [trend]);

  useEffect(
    () =>
      extent.subscribe(({ fromMs, toMs }) => {
        chart.current?.setScale('x', { min: fromMs, max: toMs });
      }),
    [extent],
  );

  return <div ref={element} class="trend__chart" role="img" aria-label={label} />;
}
