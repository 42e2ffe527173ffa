// Something asked of the server again and again, where nothing is told by itself: what was known stays to be
// seen while the next answer is on its way, and when none comes.
import { useSignal, type ReadonlySignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ApiErrorBody } from '../api/shapes';
import type { Question } from './fetched';

export interface Polled<T> {
  body: T | null;
  /** Of the newest question; null: it was answered. */
  error: ApiErrorBody | null;
}

/** The server's word for a patient whom nobody watches: there is nothing to tell of them. */
export const isUnwatched = ({ error }: Polled<unknown>): boolean => error?.kind === 'conflict';

/** Asked anew each `everyS` seconds, when `again` grows, and not while nobody looks at the page. */
export function usePolled<T>(
  question: Question<T>,
  everyS: number,
  again = 0,
): ReadonlySignal<Polled<T>> {
  const polled = useSignal<Polled<T>>({ body: null, error: null });
  const latest = useRef(question);
  latest.current = question;
  const askNow = useRef<() => void>(() => undefined);
  const { key } = question;
  useEffect(() => {
    const aborting = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isAsking = false;
    const ask = async () => {
      clearTimeout(timer);
      // It is asked anew when somebody looks again.
      if (document.hidden || isAsking) return;
      isAsking = true;
      const answer = await latest.current.ask(aborting.signal);
      isAsking = false;
      if (aborting.signal.aborted) return;
      polled.value = answer.ok
        ? { body: answer.body, error: null }
        : { body: polled.peek().body, error: answer.error };
      timer = setTimeout(() => void ask(), everyS * 1000);
    };
    const look = () => void ask();
    askNow.current = look;
    polled.value = { body: null, error: null };
    void ask();
    document.addEventListener('visibilitychange', look);
    return () => {
      aborting.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [key, everyS, polled]);
  useEffect(() => {
    if (again > 0) askNow.current();
  }, [again]);
  return polled;
}
