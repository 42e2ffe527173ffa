// The score of each bed, as far as it is known: filled by ui/ward_scores.tsx, which comes after the tiles.
import { signal } from '@preact/signals';
import type { WardScore } from '../api/score_shapes';

/** By patient; empty while nothing is known of now. */
export const wardScores = signal<ReadonlyMap<string, WardScore>>(new Map());

/** The most urgent first: by band, then by total or its lower bound; without a score last, and else as they lie. */
export function byRisk<Bed>(beds: readonly Bed[], idOf: (bed: Bed) => string): Bed[] {
  const of = (bed: Bed) => wardScores.value.get(idOf(bed));
  const rank = (bed: Bed) => of(bed)?.band?.rank ?? -1;
  const least = (bed: Bed) => of(bed)?.least ?? -1;
  return [...beds].sort((a, b) => rank(b) - rank(a) || least(b) - least(a));
}
