// What is done about alarms from this screen, and why it was not, where it was refused.
import { signal } from '@preact/signals';
import { acknowledgeAlarm } from '../api/alarm_calls';
import type { Alarm, AlarmBed } from '../api/alarm_shapes';
import type { Answer } from '../api/http';
import type { ApiErrorBody } from '../api/shapes';
import { putBed } from './alarm_watch';

/** Why the last act was refused; null: it was not. */
export const actRefused = signal<ApiErrorBody | null>(null);

/** Of one alarm of a bed; or, where it is null, of the patient. */
export interface Pausing {
  bed: AlarmBed;
  alarm: Alarm | null;
}

/** What somebody is about to pause: the dialog stays, whatever becomes of the alarm meanwhile. */
export const pausing = signal<Pausing | null>(null);

const shownMs = 12_000;
let forgetting: ReturnType<typeof setTimeout> | undefined;

/** Null: done. What was refused may have been told by somebody quicker: it is shown, on every page, for a while. */
export function refusal(answer: Answer<unknown>): ApiErrorBody | null {
  clearTimeout(forgetting);
  actRefused.value = answer.ok ? null : answer.error;
  if (!answer.ok) forgetting = setTimeout(() => (actRefused.value = null), shownMs);
  return actRefused.peek();
}

export async function doAct(act: Promise<Answer<AlarmBed>>): Promise<ApiErrorBody | null> {
  const answer = await act;
  if (answer.ok) putBed(answer.body);
  return refusal(answer);
}

export const acknowledge = (alarm: Alarm): Promise<ApiErrorBody | null> =>
  doAct(acknowledgeAlarm(alarm));
