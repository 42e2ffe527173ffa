// Whether a refusal is for what the patient agreed to, or did not, and which Consent says so: the server's
// words are "the patient does not permit it (Consent/12)", "the patient has not consented to research".
import type { ApiErrorBody } from '../api/shapes';

export interface Withheld {
  /** "Consent/12", where the server says it. */
  consent: string | null;
}

export function withheldBy({ kind, message }: ApiErrorBody): Withheld | null {
  if (kind !== 'forbidden' && kind !== 'refused' && kind !== 'withheld') return null;
  const named = /\bConsent\/[A-Za-z0-9.-]{1,64}/.exec(message)?.[0] ?? null;
  return named !== null || kind === 'withheld' || /\bconsent/i.test(message)
    ? { consent: named?.replace(/\.$/, '') ?? null }
    : null;
}
