// How a score went, as steps: each total for as long as it held, and a hole where it was incomplete.
import type { Score } from '../api/score_shapes';
import { digitsOf, highestOf, pathOf, stepsOf } from '../score/score_view';
import { scoreWords as s } from '../words/scores';
import { number, scoreName } from './score_words';

const width = 240;
const height = 44;
const margin = 3;
const hourMs = 3_600_000;

export function ScoreChart({
  score,
  hours,
  nowMs,
}: {
  score: Score;
  hours: number;
  nowMs: number;
}) {
  const fromMs = nowMs - hours * hourMs;
  const steps = stepsOf(score.points, fromMs, nowMs);
  const digits = digitsOf(score);
  const highest = highestOf(steps, digits);
  const x = (ms: number) => ((ms - fromMs) / (nowMs - fromMs)) * width;
  const y = (value: number) => height - margin - (value / highest) * (height - 2 * margin);
  const values = steps.map(({ value }) => value);
  const name = scoreName(score);
  if (values.length === 0) return <p class="quiet">{s('chart_none', { score: name, hours })}</p>;
  const label = s('chart', {
    score: name,
    hours,
    lowest: number(Math.min(...values), digits),
    highest: number(Math.max(...values), digits),
  });
  return (
    <figure class="score-chart">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        <path class="score-chart__ground" d={`M0 ${y(0)}H${width}M0 ${y(highest)}H${width}`} />
        <path class="score-chart__line" d={pathOf(steps, x, y)} />
      </svg>
      <span class="score-chart__top" aria-hidden="true">
        {number(highest, 0)}
      </span>
      <figcaption class="score-chart__ends" aria-hidden="true">
        <span>{s('chart_begin', { hours })}</span>
        <span>{s('chart_end')}</span>
      </figcaption>
    </figure>
  );
}
