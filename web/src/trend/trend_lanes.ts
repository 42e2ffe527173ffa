// Which trends share a lane of the timeline: what people read together.
import type { Metric } from '../api/shapes';
import { colourOf, type WaveColour } from '../vital/slots';

export interface TrendLane {
  name: string;
  colour: WaveColour;
  metrics: string[];
  /** All metrics of a lane have the same normal unit: the first one's speaks for them. */
  metric: Metric;
}

const together: readonly (readonly string[])[] = [
  ['heart_rate', 'pulse_rate_spo2', 'pulse_rate'],
  ['spo2'],
  ['resp_rate', 'resp_rate_impedance', 'resp_rate_co2'],
  ['abp_sys', 'abp_mean', 'abp_dia'],
  ['art_sys', 'art_mean', 'art_dia'],
  ['nibp_sys', 'nibp_mean', 'nibp_dia'],
  ['temp_core', 'temp_body', 'temp_skin'],
];

export function trendLanes(
  known: readonly string[],
  catalogue: ReadonlyMap<string, Metric>,
): TrendLane[] {
  const left = new Set(known.filter((key) => catalogue.get(key)?.kind === 'numeric'));
  const groups: string[][] = [];
  for (const group of together) {
    const here = group.filter((key) => left.delete(key));
    if (here.length > 0) groups.push(here);
  }
  for (const key of [...left].sort()) groups.push([key]);
  return groups.flatMap((metrics) => {
    const [first] = metrics;
    const metric = first === undefined ? undefined : catalogue.get(first);
    if (first === undefined || !metric) return [];
    const name = first.replace(/_(sys|mean|dia)$/, '');
    return [{ name, colour: colourOf(first), metrics, metric }];
  });
}
