import { useRef } from 'preact/hooks';
import type { Fetched } from './fetched';

/** What came last, while the same is asked again. */
export function useLatest<T>(fetched: Fetched<T>): T | null {
  const latest = useRef<T | null>(null);
  if (fetched.state === 'here') latest.current = fetched.body;
  return latest.current;
}
