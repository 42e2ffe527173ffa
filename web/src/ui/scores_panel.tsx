// A patient's early-warning scores as they stand: total, band, since when, which way, and what is missing.
import { useSignal } from '@preact/signals';
import { readScores } from '../api/score_calls';
import type { Band, Score } from '../api/score_shapes';
import { parted } from '../score/score_view';
import { isUnwatched, usePolled } from '../state/polled';
import { now } from '../state/watch';
import { scoreWords as s } from '../words/scores';
import { errorText } from './error_text';
import { ScoreChart } from './score_chart';
import { ScoreDialog } from './score_dialog';
import { PregnancyLine } from './score_setting';
import {
  bandText,
  dueText,
  riskText,
  scoreName,
  sinceText,
  totalText,
  trendText,
  wantingText,
} from './score_words';
import './scores_panel.css';

const hours = 12;
const everyS = 15;

/** In words, and by how it stands out: the colours of alarms are not for it. */
export function BandMark({ band, isLowest }: { band: Band; isLowest: boolean }) {
  return (
    <span class="score-band" data-risk={band.risk}>
      {isLowest ? s('band_lowest', { band: riskText(band) }) : riskText(band)}
    </span>
  );
}

const arrows = { rising: '↗', steady: '→', falling: '↘' } as const;

function Facts({ score }: { score: Score }) {
  const due = dueText(score, now.value);
  const isOverdue =
    score.observations_due !== null && Date.parse(score.observations_due) < now.value;
  const trend = trendText(score);
  return (
    <>
      <p class="score__facts quiet">
        {sinceText(score)}
        {trend && (
          <span>
            <span aria-hidden="true">{score.trend && arrows[score.trend.direction]}</span> {trend}
          </span>
        )}
      </p>
      {score.single_parameter && <p>{s('single')}</p>}
      {!score.complete && <p>{wantingText(score)}</p>}
      {score.applicability === 'assumed-adult' && <p class="quiet">{s('assumed_adult')}</p>}
      {due && (isOverdue ? <p class="notice">{due}</p> : <p class="quiet">{due}</p>)}
    </>
  );
}

export function ScoreStanding({ score, onOpen }: { score: Score; onOpen: () => void }) {
  const name = scoreName(score);
  return (
    <li class="score" aria-label={name}>
      <h3 class="score__head">
        <span>{name}</span> <strong class="score__total">{totalText(score)}</strong>{' '}
        {score.band && <BandMark band={score.band} isLowest={!score.complete} />}
      </h3>
      {score.band && <p class="score__advice">{bandText(score, score.band)}</p>}
      <Facts score={score} />
      <ScoreChart score={score} hours={hours} nowMs={now.value} />
      <button aria-label={s('open_of', { score: name })} onClick={onOpen}>
        {s('open')}
      </button>
    </li>
  );
}

function Others({ scores }: { scores: readonly Score[] }) {
  if (scores.length === 0) return null;
  const list = scores.map((score) =>
    s('other', {
      score: scoreName(score),
      why: s.or(`applicability.${score.applicability}`, score.applicability),
    }),
  );
  return <p class="quiet">{s('others', { list: list.join(', ') })}</p>;
}

export function ScoresPanel({
  patient,
  mayBePregnant,
}: {
  patient: string;
  mayBePregnant: boolean;
}) {
  const again = useSignal(0);
  const polled = usePolled(
    { key: patient, ask: (signal) => readScores(patient, hours, signal) },
    everyS,
    again.value,
  ).value;
  const opened = useSignal<string | null>(null);
  const { computed, others } = parted(isUnwatched(polled) ? [] : (polled.body?.scores ?? []));
  const open = computed.find(({ key }) => key === opened.value);
  if (!polled.body && !polled.error) return null;
  return (
    <section class="scores-panel" aria-labelledby="scores-panel">
      <h2 id="scores-panel">{s('title')}</h2>
      <p class="quiet">{s('lead')}</p>
      {polled.error && !isUnwatched(polled) && (
        <p class="notice" role="status">
          {s('old', { why: errorText(polled.error) })}
        </p>
      )}
      {(isUnwatched(polled) || polled.body?.scores.length === 0) && (
        <p class="quiet">{s('none')}</p>
      )}
      {computed.length === 0 && others.length > 0 && <p class="quiet">{s('none_apply')}</p>}
      <ul class="scores-panel__scores">
        {computed.map((score) => (
          <ScoreStanding key={score.key} score={score} onOpen={() => (opened.value = score.key)} />
        ))}
      </ul>
      <Others scores={others} />
      {polled.body && !isUnwatched(polled) && mayBePregnant && (
        <PregnancyLine
          patient={patient}
          pregnancy={polled.body.pregnancy}
          onChanged={() => (again.value += 1)}
        />
      )}
      {open && (
        <ScoreDialog
          score={open}
          patient={patient}
          onChanged={() => (again.value += 1)}
          onClose={() => (opened.value = null)}
        />
      )}
    </section>
  );
}
