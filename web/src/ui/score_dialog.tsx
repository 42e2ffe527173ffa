// What a score is made of: each input with its age and source, what would change it, how it is set, and where it
// comes from.
import type { Score, ScoreChange, ScoreInput } from '../api/score_shapes';
import { digitsOf } from '../score/score_view';
import { catalogue } from '../state/watch';
import { age } from '../vital/freshness';
import { localMinute } from '../vital/format';
import { locale } from '../words';
import { scoreWords as s } from '../words/scores';
import { Dialog } from './dialog';
import { vitalName } from './metric_names';
import { SpO2ScaleForm } from './score_setting';
import {
  boundsText,
  clock,
  inputName,
  inputValue,
  number,
  riskText,
  scoreName,
  settingName,
  settingValue,
  totalText,
} from './score_words';
import { ageText } from './speech';
import { Table, type Column } from './table';

/** What may be ten minutes old is told in minutes, not as "now". */
const seconds = (count: number) => ageText(age(0, Math.max(3, count) * 1000));

function Source({ input: { metric, device, by_person } }: { input: ScoreInput }) {
  if (metric === null) return <>–</>;
  const name = vitalName(metric, catalogue.get(metric)?.display ?? metric);
  return (
    <>
      {by_person ? s('person') : s('of_device', { device: device ?? '–' })}
      <small class="table__aside">{name}</small>
    </>
  );
}

function Points({ input }: { input: ScoreInput }) {
  const { state, points, optional } = input;
  if (state === 'used') return <>{points === null ? '–' : number(points, 0)}</>;
  return (
    <>
      <strong>{s(`state.${state}`)}</strong>
      {optional && <small class="table__aside">{s('optional')}</small>}
    </>
  );
}

const inputColumns = (): Column<ScoreInput>[] => [
  { title: s('column.parameter'), names: true, wraps: true, cell: ({ key }) => inputName(key) },
  { title: s('column.value'), cell: inputValue },
  { title: s('column.points'), wraps: true, cell: (input) => <Points input={input} /> },
  {
    title: s('column.age'),
    cell: ({ time, age_s, age_max_s }) =>
      time === null
        ? '–'
        : s('age', { age: seconds(age_s), most: age_max_s > 0 ? seconds(age_max_s) : '–' }),
  },
  { title: s('column.source'), wraps: true, cell: (input) => <Source input={input} /> },
];

function changeText(score: Score, { input, value, band, ...bounds }: ScoreChange): string {
  const unit_shown = score.inputs.find(({ key }) => key === input)?.unit_shown ?? '';
  const words = {
    input: inputName(input),
    value: inputValue({ value, unit_shown }),
    total: boundsText(bounds, digitsOf(score)),
  };
  return band ? s('change_band', { ...words, band: riskText(band) }) : s('change_one', words);
}

/** What changes the band comes first. */
function Changes({ score }: { score: Score }) {
  const all = [...score.would_change].sort(
    (a, b) => Number(b.changes_band) - Number(a.changes_band),
  );
  return (
    <section>
      <h3>{s('change')}</h3>
      {all.length === 0 && <p class="quiet">{s('change_none')}</p>}
      <ul class="score-dialog__list">
        {all.map((one) => (
          <li key={`${one.input} ${one.value}`}>
            {one.changes_band ? <strong>{changeText(score, one)}</strong> : changeText(score, one)}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Settings({
  score,
  patient,
  onChanged,
}: {
  score: Score;
  patient: string;
  onChanged: () => void;
}) {
  if (score.settings.length === 0) return null;
  const scale = score.settings.find(({ key }) => key === 'spo2_scale');
  return (
    <section>
      <h3>{s('settings')}</h3>
      <ul class="score-dialog__list">
        {score.settings.map(({ key, value, by, time }) => {
          const words = { name: settingName(key), value: settingValue(key, value) };
          const when = time === null ? '' : localMinute(Date.parse(time), locale.value);
          return (
            <li key={key}>
              {by === null
                ? s('setting_default', words)
                : s('setting_by', { ...words, who: by, time: when })}
            </li>
          );
        })}
      </ul>
      {scale && <SpO2ScaleForm patient={patient} scale={scale.value} onChanged={onChanged} />}
    </section>
  );
}

function LastComplete({ score }: { score: Score }) {
  const { complete, last_complete: last, last_known_band: band } = score;
  if (complete) return null;
  return (
    <p class="quiet">
      {last &&
        s('last_complete', {
          total: number(last.total, digitsOf(score)),
          time: clock(last.time),
        })}{' '}
      {band && s('last_band', { band: riskText(band) })}
    </p>
  );
}

export function ScoreDialog({
  score,
  patient,
  onChanged,
  onClose,
}: {
  score: Score;
  patient: string;
  onChanged: () => void;
  onClose: () => void;
}) {
  const name = scoreName(score);
  return (
    <div class="score-dialog">
      <Dialog title={s('total_of', { score: name, total: totalText(score) })} onClose={onClose}>
        <p class="quiet">{s('lead')}</p>
        <LastComplete score={score} />
        <section>
          <h3>{s('inputs')}</h3>
          <Table
            caption={s('inputs')}
            columns={inputColumns()}
            rows={score.inputs}
            keyOf={({ key }) => key}
          />
        </section>
        <Changes score={score} />
        <Settings score={score} patient={patient} onChanged={onChanged} />
        <section>
          <h3>{s('about')}</h3>
          <p lang="en">{score.name}</p>
          <p class="quiet">{s('version', { version: score.version })}</p>
          {score.citations.map((citation) => (
            <p key={citation} class="quiet" lang="en">
              {citation}
            </p>
          ))}
          <p class="quiet" lang="en">
            {score.terms}
          </p>
        </section>
      </Dialog>
    </div>
  );
}
