// What whoever is signed in may do: asked of the server, not guessed from the role.
import { computed, signal } from '@preact/signals';
import { isOwnView } from '../access/roles';
import { readMe } from '../api/access_calls';
import type { Act, Area, Me } from '../api/access_shapes';
import type { ApiErrorBody } from '../api/shapes';

export const me = signal<Me | null>(null);
/** Why the rights could not be asked for; null while all is well. */
export const meError = signal<ApiErrorBody | null>(null);

/** Of somebody else, when the account changes under a page that stays. */
let asked = 0;

export async function loadMe(): Promise<void> {
  const turn = ++asked;
  const answer = await readMe();
  if (turn !== asked) return;
  meError.value = answer.ok ? null : answer.error;
  if (answer.ok) me.value = answer.body;
}

export function forgetMe(): void {
  asked += 1;
  me.value = null;
  meError.value = null;
}

export const mayDo = (who: Me | null, area: Area, act: Act = 'r'): boolean =>
  who?.may[area]?.includes(act) ?? false;

export const may = (area: Area, act: Act = 'r'): boolean => mayDo(me.value, area, act);

/** A patient's or caregiver's account: it is for their own data, not for the ward's work. */
export const ownView = computed(() => me.value !== null && isOwnView(me.value.role));
