// One alarm, whose it is, and what can be done about it: acknowledge this one, or pause.
import { useSignal } from '@preact/signals';
import { presentation, type Standing } from '../alarm/standing';
import { acknowledge, pausing } from '../state/alarm_acts';
import { may } from '../state/me';
import { hrefOfPatient } from '../state/route';
import { useSettled } from '../state/settled';
import { t } from '../words';
import { AlarmAnswer } from './alarm_answer';
import { AlarmMark } from './alarm_mark';
import {
  alarmText,
  conditionWords,
  crossedText,
  placeOf,
  placeText,
  sinceText,
  stateText,
} from './alarm_words';

function Where({ bed }: { bed: Standing['bed'] }) {
  const { bed: number, name } = placeOf(bed);
  const words = (
    <>
      {number && <strong>{number}</strong>} <span>{name}</span>
    </>
  );
  if (bed.patient === null) return <span class="alarm-row__place">{words}</span>;
  return (
    <a class="alarm-row__place" href={hrefOfPatient(bed.patient)}>
      {words}
    </a>
  );
}

/**
 * A press counts only once the alarm has lain there for a moment: an alarm that comes in front under a finger
 * must not be taken for the one before.
 */
function Acts({ bed, alarm, isOfPage }: Standing & { isOfPage: boolean }) {
  const isSettled = useSettled();
  const isBusy = useSignal(false);
  const press = async () => {
    isBusy.value = true;
    await acknowledge(alarm);
    isBusy.value = false;
  };
  const named = `${placeText(bed)}: ${alarmText(alarm)}`;
  return (
    <span class="alarm-row__acts">
      {alarm.state !== 'acknowledged' && (
        <button
          class="alarm-row__acknowledge"
          disabled={!isSettled || isBusy.value}
          aria-label={t('alarm.acknowledge_of', { alarm: named })}
          onClick={() => void press()}
        >
          {t('alarm.acknowledge')}
        </button>
      )}
      {isOfPage && <AlarmAnswer alarm={alarm} />}
      {bed.patient !== null && (
        <button
          disabled={!isSettled}
          aria-label={t('alarm.pause_of', { alarm: named })}
          onClick={() => (pausing.value = { bed, alarm })}
        >
          {t('alarm.pause')}
        </button>
      )}
    </span>
  );
}

/** `isOfPage`: on the page of its patient, whose name stands there; there is room to say who has it. */
export function AlarmRow({
  standing,
  nowMs,
  isOfPage = false,
}: {
  standing: Standing;
  nowMs: number;
  isOfPage?: boolean;
}) {
  const { bed, alarm } = standing;
  const state = stateText(alarm);
  return (
    <div class="alarm-row" data-priority={alarm.priority} data-state={alarm.state}>
      <AlarmMark priority={alarm.priority} />
      {!isOfPage && <Where bed={bed} />}
      <span class="alarm-row__words">
        <strong>{conditionWords(alarm)}</strong> {crossedText(alarm)}
      </span>
      <span class="alarm-row__since">{sinceText(alarm.since, nowMs)}</span>
      {state && <span class="alarm-row__state">{state}</span>}
      {may('vitals', 'w') && <Acts key={presentation(alarm)} {...standing} isOfPage={isOfPage} />}
    </div>
  );
}
