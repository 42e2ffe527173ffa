// The early-warning score of each bed of the ward, and the way to put the ward in order by them.
import { useEffect } from 'preact/hooks';
import { readWardScores } from '../api/score_calls';
import type { WardScore, WardScores as Told } from '../api/score_shapes';
import { go } from '../state/route';
import { usePolled } from '../state/polled';
import { wardScores } from '../state/ward_scores';
import { scoreWords as s } from '../words/scores';
import { number, riskText, scoreName } from './score_words';
import './ward_scores.css';

const everyS = 15;

/** The score that the ward goes by: NEWS2, and of children their own. */
const leading = ['news2', 'brighton_pews'];

function leadingOf({ patients }: Told): ReadonlyMap<string, WardScore> {
  const found = new Map<string, WardScore>();
  for (const { patient, scores } of patients) {
    const score = leading.flatMap((key) => scores.find((one) => one.key === key) ?? [])[0];
    if (score?.band) found.set(patient, score);
  }
  return found;
}

/** "9", or "≥ 8" where inputs are missing. */
function shortTotal({ complete, least }: WardScore): string {
  const text = number(least, 0);
  return complete ? text : s('at_least_short', { least: text });
}

function spoken(score: WardScore): string {
  const words = { score: scoreName(score), total: shortTotal(score) };
  const band = score.band ? riskText(score.band) : '';
  const way = score.direction === null ? '' : s(score.direction);
  return [s('total_of', words), band, way].filter(Boolean).join(', ');
}

const arrows = { rising: '↗', steady: '', falling: '↘' } as const;

export function TileScore({ patient }: { patient: string }) {
  const score = wardScores.value.get(patient);
  if (!score) return null;
  return (
    <span class="tile-score" data-risk={score.band?.risk} title={spoken(score)}>
      <span class="only-heard">{spoken(score)}</span>
      <span class="tile-score__name" aria-hidden="true">
        {s.or(`short.${score.key}`, scoreName(score))}{' '}
      </span>
      <strong aria-hidden="true">
        {shortTotal(score)}
        {score.direction && arrows[score.direction]}
      </strong>
    </span>
  );
}

/** Keeps the scores up to date while the ward is looked at; one that is not of now is not shown. */
export function WardScores({ isByRisk }: { isByRisk: boolean }) {
  const { body, error } = usePolled({ key: 'ward', ask: readWardScores }, everyS).value;
  useEffect(() => {
    wardScores.value = body && !error ? leadingOf(body) : new Map();
    return () => {
      wardScores.value = new Map();
    };
  }, [body, error]);
  if (wardScores.value.size === 0 && !isByRisk) return null;
  return (
    <button
      aria-pressed={isByRisk}
      onClick={() => go(isByRisk ? { page: 'ward' } : { page: 'ward', byRisk: true }, 'replace')}
    >
      {s('by_risk')}
    </button>
  );
}
