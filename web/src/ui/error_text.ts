// An error as a sentence. The server writes its own; what never reached it is ours to word.
import type { ApiErrorBody } from '../api/shapes';
import { t } from '../words';

/** A message of the server begins like a sentence. */
export const sentence = (text: string) => text.charAt(0).toLocaleUpperCase() + text.slice(1);

/** Where there is one field, or none, to look at. */
export const messageOf = (error: ApiErrorBody): string => errorText({ ...error, place: '' });

export function errorText(error: ApiErrorBody): string {
  if (error.kind === 'unreachable') return t('error.unreachable');
  if (error.kind === 'passkey-declined') return t('passkey.declined');
  if (!error.message) return error.kind === 'busy' ? t('error.busy') : error.kind;
  return error.place
    ? `${sentence(error.message)} ${t('error.place', { place: error.place })}`
    : sentence(error.message);
}
