// Who takes responsibility for an alarm: whoever is there, or the next people at once.
import { useSignal } from '@preact/signals';
import { answerAlarm, type Response } from '../api/alarm_calls';
import type { Alarm } from '../api/alarm_shapes';
import { doAct } from '../state/alarm_acts';
import { me } from '../state/me';
import { t } from '../words';
import { alarmText } from './alarm_words';

function possible({ state, owner }: Alarm, username: string): readonly Response[] {
  if (state !== 'active') return [];
  if (owner === null) return ['accepted', 'rejected'];
  return owner.by === username ? ['released'] : [];
}

export function AlarmAnswer({ alarm }: { alarm: Alarm }) {
  const isBusy = useSignal(false);
  const give = async (response: Response) => {
    isBusy.value = true;
    await doAct(answerAlarm(alarm.id, response));
    isBusy.value = false;
  };
  return (
    <>
      {possible(alarm, me.value?.username ?? '').map((response) => (
        <button
          key={response}
          disabled={isBusy.value}
          aria-label={t('answer.of', { answer: t(`answer.${response}`), alarm: alarmText(alarm) })}
          onClick={() => void give(response)}
        >
          {t(`answer.${response}`)}
        </button>
      ))}
    </>
  );
}
