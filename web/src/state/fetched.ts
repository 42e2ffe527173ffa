// Something asked of the server once for each question: loading, here, or failed.
import { useSignal, type ReadonlySignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Answer } from '../api/http';
import type { ApiErrorBody } from '../api/shapes';

export type Fetched<T> =
  | { state: 'none' }
  | { state: 'loading' }
  | { state: 'here'; body: T }
  | { state: 'failed'; error: ApiErrorBody };

export interface Question<T> {
  /** Stands for all that `ask` depends on: the question is asked again when it changes. */
  key: string;
  ask: (signal: AbortSignal) => Promise<Answer<T>>;
}

export function useFetched<T>(question: Question<T> | null): ReadonlySignal<Fetched<T>> {
  const fetched = useSignal<Fetched<T>>({ state: 'none' });
  const latest = useRef(question);
  latest.current = question;
  const key = question?.key ?? null;
  useEffect(() => {
    const asked = latest.current;
    if (key === null || asked === null) {
      fetched.value = { state: 'none' };
      return undefined;
    }
    const aborting = new AbortController();
    fetched.value = { state: 'loading' };
    void asked.ask(aborting.signal).then((answer) => {
      if (aborting.signal.aborted) return;
      fetched.value = answer.ok
        ? { state: 'here', body: answer.body }
        : { state: 'failed', error: answer.error };
    });
    return () => aborting.abort();
  }, [key, fetched]);
  return fetched;
}
