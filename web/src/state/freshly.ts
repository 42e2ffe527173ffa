// What only somebody may change who has just shown who they are: asks them where the server does.
import { signal } from '@preact/signals';
import type { Answer } from '../api/http';

/** Somebody is being asked for their password; `done` says whether they gave it. */
export const askedAgain = signal<{ done: (confirmed: boolean) => void } | null>(null);

export async function freshly<T>(call: () => Promise<Answer<T>>): Promise<Answer<T>> {
  const first = await call();
  if (first.ok || first.error.kind !== 'not-fresh') return first;
  const confirmed = await new Promise<boolean>((done) => (askedAgain.value = { done }));
  askedAgain.value = null;
  return confirmed ? call() : first;
}
