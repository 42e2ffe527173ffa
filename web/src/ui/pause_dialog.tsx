// Pauses or switches off: what, of what, until when and why. Whoever does more than acknowledge one alarm says
// all four.
import { useSignal } from '@preact/signals';
import { durationsOf, isOff, kinds, scopesOf, type Scope } from '../alarm/inactivation';
import { inactivate, type InactivationWish } from '../api/alarm_calls';
import type { InactivationKind } from '../api/alarm_shapes';
import { doAct, type Pausing } from '../state/alarm_acts';
import { now } from '../state/watch';
import { localTimeOfDay } from '../vital/format';
import { locale, t } from '../words';
import { alarmText, conditionWords, placeText } from './alarm_words';
import { Dialog } from './dialog';
import { errorText } from './error_text';
import { Field, onSubmit, Outcome, textOf } from './form';

function durationText(seconds: number): string {
  if (seconds < 60) return t('pause.seconds', { n: seconds });
  if (seconds < 3600) return t('pause.minutes', { n: seconds / 60 });
  return t('pause.hours', { n: seconds / 3600 });
}

function scopeText(scope: Scope, { alarm }: Pausing): string {
  if (alarm === null || scope === 'patient') return t('pause.of_patient');
  if (scope === 'alarm') return t('pause.of_alarm', { alarm: alarmText(alarm) });
  return t('pause.of_condition', { condition: conditionWords(alarm) });
}

/** What was chosen, as far as it goes with the kind. */
interface Choice {
  kind: InactivationKind;
  scope: Scope;
  durationS: number;
}

/** Where no alarm was chosen, it is of the patient. */
const scopesFor = (kind: InactivationKind, { alarm }: Pausing): readonly Scope[] =>
  scopesOf[kind].filter((scope) => alarm !== null || scope === 'patient');

function withKind({ scope }: Choice, kind: InactivationKind, of: Pausing): Choice {
  const scopes = scopesFor(kind, of);
  const durations = durationsOf[kind];
  return {
    kind,
    scope: scopes.includes(scope) ? scope : (scopes[0] ?? 'condition'),
    durationS: durations[isOff(kind) ? 0 : durations.length - 1] ?? 60,
  };
}

function wishOf({ alarm }: Pausing, { kind, scope, durationS }: Choice, reason: string) {
  const wish: InactivationWish = { kind, duration_s: durationS, reason };
  if (alarm && scope === 'alarm') wish.alarm = alarm.id;
  if (alarm && scope === 'condition') wish.condition = alarm.condition;
  return wish;
}

function Kinds({
  choice,
  of,
  onChoose,
}: {
  choice: Choice;
  of: Pausing;
  onChoose: (choice: Choice) => void;
}) {
  return (
    <Field label={t('pause.what')}>
      <select
        value={choice.kind}
        onChange={(event) =>
          onChoose(withKind(choice, event.currentTarget.value as InactivationKind, of))
        }
      >
        {kinds
          .filter((kind) => scopesFor(kind, of).length > 0)
          .map((kind) => (
            <option key={kind} value={kind}>
              {t(`pause.${kind}`)}
            </option>
          ))}
      </select>
    </Field>
  );
}

export function PauseDialog({ bed, alarm, onClose }: Pausing & { onClose: () => void }) {
  const of = { bed, alarm };
  const choice = useSignal(
    withKind({ kind: 'audio-paused', scope: 'alarm', durationS: 0 }, 'audio-paused', of),
  );
  const trouble = useSignal<string | null>(null);
  const { kind, scope, durationS } = choice.value;
  const choose = (part: Partial<Choice>) => (choice.value = { ...choice.peek(), ...part });
  const submit = async (form: FormData) => {
    const wish = wishOf(of, choice.peek(), textOf(form, 'reason'));
    const refused = await doAct(inactivate(bed.patient ?? '', wish));
    trouble.value = refused ? errorText(refused) : null;
    if (!refused) onClose();
    return !refused;
  };
  const ends = localTimeOfDay(now.value + durationS * 1000, locale.value);
  const isUnseen = kind === 'alarm-paused' || kind === 'alarm-off';
  return (
    <Dialog title={t('pause.title')} onClose={onClose}>
      <form class="fields" onSubmit={onSubmit(submit)}>
        <p>
          <strong>{placeText(bed)}</strong>
        </p>
        <Kinds choice={choice.value} of={of} onChoose={(next) => (choice.value = next)} />
        <Field label={t('pause.of')}>
          <select
            value={scope}
            onChange={(event) => choose({ scope: event.currentTarget.value as Scope })}
          >
            {scopesFor(kind, of).map((one) => (
              <option key={one} value={one}>
                {scopeText(one, of)}
              </option>
            ))}
          </select>
        </Field>
        <Field label={t('pause.for')}>
          <select
            value={String(durationS)}
            onChange={(event) => choose({ durationS: Number(event.currentTarget.value) })}
          >
            {durationsOf[kind].map((seconds) => (
              <option key={seconds} value={String(seconds)}>
                {durationText(seconds)}
              </option>
            ))}
          </select>
        </Field>
        <Field label={t('pause.reason')} hint={t('pause.reason_hint')}>
          <input name="reason" required maxLength={250} autoComplete="off" />
        </Field>
        <p class="quiet">{t(isUnseen ? 'pause.means_paused' : 'pause.means', { time: ends })}</p>
        <Outcome text={trouble.value} />
        <div class="actions">
          <button type="button" onClick={onClose}>
            {t('app.cancel')}
          </button>
          <button class="primary">{t(isOff(kind) ? 'pause.do_off' : 'pause.do')}</button>
        </div>
      </form>
    </Dialog>
  );
}
