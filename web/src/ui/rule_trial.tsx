// A rule tried on what has been: when it would have held, before anybody sets it.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { placedSpans } from '../alarm/rule_text';
import { tryRule } from '../api/rule_calls';
import type { DryRun } from '../api/rule_shapes';
import type { ApiErrorBody } from '../api/shapes';
import { now } from '../state/watch';
import { age } from '../vital/freshness';
import { localDateTime, localMinute } from '../vital/format';
import { locale } from '../words';
import { ruleWords as r } from '../words/rules';
import { Field } from './form';
import { ageText } from './speech';
import { Table, type Column } from './table';

const dayMs = 86_400_000;
const offered = [1, 7, 31] as const;
const width = 600;
const height = 16;
/** A span of seconds in a month is to be seen all the same. */
const spanWidthMin = 1.5;

const seconds = (count: number) => ageText(age(0, Math.max(3, count) * 1000));
const minute = (ms: number) => localMinute(ms, locale.value);

type Span = DryRun['spans'][number];
const columns = (): Column<Span>[] => [
  {
    title: r('span.from'),
    names: true,
    cell: ({ from }) => localDateTime(Date.parse(from), locale.value),
    sort: ({ from }) => from,
  },
  {
    title: r('span.to'),
    cell: ({ to, open }) => (open ? r('span.open') : localDateTime(Date.parse(to), locale.value)),
  },
  {
    title: r('span.lasted'),
    cell: ({ from, to }) => seconds((Date.parse(to) - Date.parse(from)) / 1000),
    sort: ({ from, to }) => Date.parse(to) - Date.parse(from),
  },
];

interface Tried {
  run: DryRun;
  fromMs: number;
  toMs: number;
}

function Chart({ run, fromMs, toMs }: Tried) {
  const words = { n: run.spans.length, from: minute(fromMs), to: minute(toMs) };
  return (
    <figure class="rule-trial__chart">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={r('chart', words)}
      >
        {placedSpans(run.spans, fromMs, toMs).map(({ at, share }) => (
          <rect
            key={at}
            x={(at * width).toFixed(2)}
            y="0"
            width={Math.max(spanWidthMin, share * width).toFixed(2)}
            height={height}
          />
        ))}
      </svg>
      <figcaption aria-hidden="true">
        <span>{words.from}</span>
        <span>{words.to}</span>
      </figcaption>
    </figure>
  );
}

function Found({ run, fromMs, toMs }: Tried) {
  const looked_at = seconds(run.looked_at_s);
  if (run.readings === 0) return <p class="quiet">{r('no_data')}</p>;
  if (run.spans.length === 0) return <p>{r('never', { looked_at })}</p>;
  return (
    <>
      <p>{r('held', { n: run.spans.length, held: seconds(run.held_s), looked_at })}</p>
      {run.cut && <p class="notice">{r('cut')}</p>}
      <Chart run={run} fromMs={fromMs} toMs={toMs} />
      <div class="rule-trial__spans">
        <Table
          caption={r('spans')}
          columns={columns()}
          rows={run.spans}
          keyOf={({ from }) => from}
        />
      </div>
    </>
  );
}

export function RuleTrial({
  patient,
  text,
  onRefused,
}: {
  patient: string;
  text: string;
  /** What stands in the way, or null once nothing does. */
  onRefused: (error: ApiErrorBody | null) => void;
}) {
  const days = useSignal<number>(1);
  const tried = useSignal<(Tried & { text: string }) | null>(null);
  const isTrying = useSignal(false);
  const turn = useRef(0);
  const run = async () => {
    const mine = ++turn.current;
    const toMs = now.peek();
    const fromMs = toMs - days.peek() * dayMs;
    isTrying.value = true;
    tried.value = null;
    const question = {
      text,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
    };
    const answer = await tryRule(patient, question);
    if (mine !== turn.current) return;
    isTrying.value = false;
    onRefused(answer.ok ? null : answer.error);
    if (answer.ok) tried.value = { run: answer.body, fromMs, toMs, text };
  };
  // Of another text than stands there now it would be a wrong answer.
  const found = tried.value?.text === text ? tried.value : null;
  return (
    <section class="rule-trial" aria-labelledby="rule-trial">
      <h4 id="rule-trial">{r('try')}</h4>
      <p class="quiet">{r('try_lead')}</p>
      <div class="rule-trial__ask">
        <Field label={r('over')}>
          <select
            value={days.value}
            onChange={(event) => (days.value = Number(event.currentTarget.value))}
          >
            {offered.map((n) => (
              <option key={n} value={n}>
                {r('days', { n })}
              </option>
            ))}
          </select>
        </Field>
        <button
          type="button"
          disabled={isTrying.value || text.trim() === ''}
          onClick={() => void run()}
        >
          {r('try_do')}
        </button>
      </div>
      <div role="status">
        {isTrying.value && <p class="quiet">{r('trying')}</p>}
        {found && <Found {...found} />}
      </div>
    </section>
  );
}
