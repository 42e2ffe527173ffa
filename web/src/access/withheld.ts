// Whether a refusal is for a Consent of the patient, and which.
import type { ApiErrorBody } from '../api/shapes';

export interface Withheld {
  /** "Consent/12", where the server says it. */
  consent: string | null;
}

export function withheldBy({ kind, message }: ApiErrorBody): Withheld | null {
  if (kind !== 'forbidden' && kind !== 'refused' && kind !== 'withheld') return null;
  const named = /\bConsent\/[A-Za-z0-9.-]{1,64}/.exec(message)?.[0] ?? null;
  return named !== null || kind === 'withheld' || /\bconsent\b/i.test(message)
    ? { consent: named?.replace(/\.$/, '') ?? null }
    : null;
}
