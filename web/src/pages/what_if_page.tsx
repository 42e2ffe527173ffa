// What other limits would have done: the past again, told patient by patient as it is worked out.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { totalOf } from '../alarm/what_if_sum';
import type { ApiErrorBody } from '../api/shapes';
import { askWhatIf } from '../api/what_if_calls';
import type { ComparedAll, ComparedPatient, WhatIfQuestion } from '../api/what_if_shapes';
import { namesOf, unitsOf, usePeople } from '../state/alarm_units';
import { me } from '../state/me';
import { AlarmTabs } from '../ui/alarm_tabs';
import { errorText } from '../ui/error_text';
import { Outcome } from '../ui/form';
import { WhatIfForm } from '../ui/what_if_form';
import { WhatIfResult } from '../ui/what_if_result';
import { whatIfWords as w } from '../words/what_if';
import './what_if_page.css';

/** How far the answer is. It is whole once all patients' sum has come. */
interface Told {
  state: 'running' | 'whole' | 'stopped' | 'broken';
  /** Of how many was asked. */
  all: number;
  patients: ComparedPatient[];
  total: ComparedAll | null;
}

function useWhatIf() {
  const told = useSignal<Told | null>(null);
  const failed = useSignal<ApiErrorBody | null>(null);
  const asking = useRef<AbortController | null>(null);
  useEffect(() => () => asking.current?.abort(), []);
  const put = (more: Partial<Told>) => {
    const before = told.peek();
    if (before) told.value = { ...before, ...more };
  };
  const ask = async (question: WhatIfQuestion, all: number) => {
    asking.current?.abort();
    const mine = new AbortController();
    asking.current = mine;
    failed.value = null;
    told.value = { state: 'running', all, patients: [], total: null };
    const answer = await askWhatIf(
      question,
      (line) => {
        if (mine.signal.aborted) return;
        if ('total' in line) put({ total: line.total });
        else put({ patients: [...(told.peek()?.patients ?? []), line] });
      },
      mine.signal,
    );
    if (mine.signal.aborted) return;
    if (told.peek()?.total) put({ state: 'whole' });
    else if (answer.ok || (told.peek()?.patients.length ?? 0) > 0) put({ state: 'broken' });
    else {
      told.value = null;
      failed.value = answer.error;
    }
  };
  const stop = () => {
    asking.current?.abort();
    put({ state: 'stopped' });
  };
  return { told: told.value, failed: failed.value, ask, stop };
}

function stateText({ state, all, patients }: Told): string {
  const done = patients.length;
  if (state === 'whole') return w('done', { n: done });
  return w(state, { done, all });
}

export function WhatIfPage() {
  const { told, failed, ask, stop } = useWhatIf();
  const people = usePeople().value;
  const who = me.value;
  if (!who) return null;
  const patients = people?.patients ?? [];
  const names = namesOf(patients);
  const error = failed ?? people?.error ?? null;
  return (
    <div class="page page--alone">
      <header class="page__head">
        <h1>{w('title')}</h1>
        <p class="quiet">{w('lead')}</p>
        <AlarmTabs at="what-if" />
      </header>
      <Outcome text={error ? errorText(error) : null} />
      {people && (
        <WhatIfForm
          units={unitsOf(who, patients)}
          patients={patients}
          names={names}
          onAsk={(question, all) => void ask(question, all)}
        />
      )}
      {told && (
        <section class="card" aria-labelledby="found">
          <h2 id="found">{w('found')}</h2>
          <div class="what-if__state">
            <p role="status">{stateText(told)}</p>
            {told.state === 'running' && (
              <>
                <progress max={told.all} value={told.patients.length} aria-label={w('found')} />
                <button onClick={stop}>{w('stop')}</button>
              </>
            )}
          </div>
          {told.patients.length > 0 && (
            <WhatIfResult
              total={told.total ?? totalOf(told.patients)}
              patients={told.patients}
              names={names}
            />
          )}
        </section>
      )}
    </div>
  );
}
