// Signing in through the hospital's own provider: the browser leaves this page for it, and comes back
// to /?sign-in=…, which says what came of it.
import { signal } from '@preact/signals';
import type { WordKey } from '../words';

export const providerAddress = '/api/session/openid';

/** What came of it, while the sign-in page has to say so; "factor": the second step is asked for. */
export const providerOutcome = signal<string | null>(null);

const placeKey = 'vigil.before-provider';
const outcomeName = 'sign-in';

const words: Record<string, WordKey> = {
  busy: 'signin.provider_busy',
  cancelled: 'signin.provider_cancelled',
  disabled: 'signin.provider_disabled',
  none: 'signin.provider_none',
  over: 'signin.provider_over',
  provider: 'signin.provider_unreachable',
  refused: 'signin.provider_refused',
  unknown: 'signin.provider_unknown',
};

/** Null: nothing went wrong. */
export function outcomeWord(outcome: string | null): WordKey | null {
  if (outcome === null || outcome === 'factor') return null;
  return (
    (Object.hasOwn(words, outcome) ? words[outcome] : undefined) ?? 'signin.provider_unreachable'
  );
}

export function outcomeIn(search: string): string | null {
  return new URLSearchParams(search).get(outcomeName);
}

/** The page asked for is opened after the way there and back. */
export function rememberPlace(): void {
  sessionStorage.setItem(placeKey, location.pathname + location.search);
}

/** Before the address is read: puts the page asked for back into it. */
export function returnFromProvider(): void {
  const outcome = outcomeIn(location.search);
  if (outcome === null) return;
  providerOutcome.value = outcome === 'done' ? null : outcome;
  history.replaceState(null, '', sessionStorage.getItem(placeKey) ?? '/');
  sessionStorage.removeItem(placeKey);
}
