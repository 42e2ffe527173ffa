// What is read of a patient's ECG now: rate, rhythm, how good each lead is, and the last beats by their class.
import { readRhythm } from '../api/score_calls';
import type { Ecg, Rhythm } from '../api/score_shapes';
import { countedClasses, isOld, placedBeats } from '../score/beats';
import { isUnwatched, usePolled } from '../state/polled';
import { catalogue, now } from '../state/watch';
import { localNumber, localTime } from '../vital/format';
import { locale } from '../words';
import { rhythmWords as r } from '../words/rhythm';
import { errorText } from './error_text';
import { Figure } from './figure';
import { waveName } from './metric_names';
import './rhythm_panel.css';

const everyS = 3;
/** Lower, the wider a beat is: what a glance finds first is what is not normal. */
const heights = { N: 8, S: 12, V: 18, F: 14, Q: 6 } as const;
const width = 256;
const height = 34;
const foot = 22;

function Rate({ name, rate, from }: { name: string; rate: number | null; from?: string }) {
  const known = rate !== null;
  return (
    <Figure
      name={name}
      value={known ? localNumber(rate, locale.value) : r('not_known')}
      unit={known ? [r('per_minute'), from].filter(Boolean).join(' ') : ''}
    />
  );
}

function Beats({ beats }: { beats: Ecg['beats'] }) {
  if (beats.length === 0) return <p class="quiet">{r('no_beats')}</p>;
  const placed = placedBeats(beats);
  const counts = countedClasses(beats).map((one) =>
    r('count', { class: r(`class.${one.class}`), n: one.count }),
  );
  const spanS = ((placed.at(-1)?.ms ?? 0) - (placed[0]?.ms ?? 0)) / 1000;
  return (
    <>
      <h4>{r('beats', { n: beats.length })}</h4>
      <svg
        class="rhythm__beats"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={r('beats_chart', {
          n: beats.length,
          seconds: localNumber(spanS, locale.value, 1),
          counts: counts.join(', '),
        })}
      >
        <path d={`M0 ${foot}H${width}`} />
        {placed.map(({ class: of, ms, at }) => {
          const x = 6 + at * (width - 12);
          return (
            <g key={ms} data-class={of}>
              <path d={`M${x.toFixed(1)} ${foot}V${foot - heights[of]}`} />
              <text x={x.toFixed(1)} y={height - 1} text-anchor="middle">
                {of}
              </text>
            </g>
          );
        })}
      </svg>
      <p class="quiet" aria-hidden="true">
        {counts.join(', ')}
      </p>
    </>
  );
}

function Leads({ leads }: { leads: Ecg['leads'] }) {
  return (
    <ul class="rhythm__leads" aria-label={r('leads')}>
      {leads.map(({ metric, channel, quality, off }) => {
        const lead = waveName(metric, catalogue.get(metric)?.display ?? metric);
        const is = off ? 'off' : quality;
        return (
          <li key={`${metric} ${channel}`} data-quality={is}>
            {r('lead_is', { lead, quality: r(`quality.${is}`) })}
          </li>
        );
      })}
    </ul>
  );
}

function Read({ ecg }: { ecg: Ecg }) {
  const old = isOld(ecg, now.value);
  const rhythms = ecg.rhythms.map((one) => r.or(`rhythm.${one}`, one));
  return (
    <section class="rhythm__ecg" data-old={old} aria-label={r('of', { device: ecg.device })}>
      <h3>{r('of', { device: ecg.device })}</h3>
      {old && (
        <p class="notice">{r('stale', { time: localTime(Date.parse(ecg.up_to), locale.value) })}</p>
      )}
      {!ecg.usable && !old && <p class="notice">{r('unusable')}</p>}
      <dl class="rhythm__figures">
        <Rate name={r('heart_rate')} rate={ecg.heart_rate} />
        <div class="figure">
          <dt>{r('rhythms')}</dt>
          <dd class="rhythm__words">
            {rhythms.length > 0 ? rhythms.join(', ') : ecg.usable ? r('no_rhythm') : r('not_known')}
          </dd>
        </div>
      </dl>
      <Leads leads={ecg.leads} />
      <Beats beats={ecg.beats} />
    </section>
  );
}

function Known({ rhythm }: { rhythm: Rhythm }) {
  return (
    <>
      {rhythm.ecgs.length === 0 && <p class="quiet">{r('nothing')}</p>}
      {rhythm.ecgs.map((ecg) => (
        <Read key={ecg.device} ecg={ecg} />
      ))}
      {rhythm.pulse_rate !== null && (
        <dl class="rhythm__figures">
          <Rate name={r('pulse_rate')} rate={rhythm.pulse_rate} from={r('pulse_of')} />
        </dl>
      )}
    </>
  );
}

export function RhythmPanel({ patient }: { patient: string }) {
  const polled = usePolled(
    { key: patient, ask: (signal) => readRhythm(patient, signal) },
    everyS,
  ).value;
  const { body, error } = polled;
  if (!body && !error) return null;
  const unwatched = isUnwatched(polled);
  return (
    <section class="rhythm" aria-labelledby="rhythm">
      <h2 id="rhythm">{r('title')}</h2>
      <p class="quiet">{r('lead')}</p>
      {unwatched && <p class="quiet">{r('not_watched')}</p>}
      {error && !unwatched && (
        <p class="notice" role="status">
          {r('old', { why: errorText(error) })}
        </p>
      )}
      {body && !unwatched && <Known rhythm={body} />}
    </section>
  );
}
