// What whoever may write orders decides of a patient's scores, with a reason and on record: the SpO₂ scale of
// NEWS2, and pregnancy, which it is not made for.
import { useSignal } from '@preact/signals';
import { setScoreSetting } from '../api/score_calls';
import type { Pregnancy } from '../api/score_shapes';
import { may } from '../state/me';
import { scoreWords as s } from '../words/scores';
import { errorText } from './error_text';
import { Field, onSubmit, Outcome, textOf } from './form';

export function SpO2ScaleForm({
  patient,
  scale,
  onChanged,
}: {
  patient: string;
  scale: string;
  onChanged: () => void;
}) {
  const trouble = useSignal<string | null>(null);
  const asking = useSignal(false);
  const other = scale === '2' ? '1' : '2';
  if (!may('orders', 'w')) return null;
  if (!asking.value)
    return (
      <>
        <Outcome text={trouble.value} />
        <button onClick={() => (asking.value = true)}>{s(`choose_scale_${other}`)}</button>
      </>
    );
  const submit = async (form: FormData) => {
    const answer = await setScoreSetting(patient, 'spo2_scale', other, textOf(form, 'reason'));
    trouble.value = answer.ok ? s('chosen') : errorText(answer.error);
    if (answer.ok) {
      asking.value = false;
      onChanged();
    }
    return answer.ok;
  };
  return (
    <form class="fields" onSubmit={onSubmit(submit)}>
      <p>{s(`scale_${other}_means`)}</p>
      <Field label={s('reason')}>
        <input name="reason" required maxLength={250} autoComplete="off" autoFocus />
      </Field>
      <Outcome text={trouble.value} />
      <div class="actions">
        <button type="button" onClick={() => (asking.value = false)}>
          {s('cancel')}
        </button>
        <button class="primary">{s(`choose_scale_${other}`)}</button>
      </div>
    </form>
  );
}

const pregnancies: readonly Pregnancy[] = ['unknown', 'no', 'yes'];

export function PregnancyLine({
  patient,
  pregnancy,
  onChanged,
}: {
  patient: string;
  pregnancy: Pregnancy;
  onChanged: () => void;
}) {
  const asking = useSignal(false);
  const trouble = useSignal<string | null>(null);
  const submit = async (form: FormData) => {
    const value = textOf(form, 'pregnancy');
    const answer = await setScoreSetting(patient, 'pregnancy', value, textOf(form, 'reason'));
    trouble.value = answer.ok ? null : errorText(answer.error);
    if (answer.ok) {
      asking.value = false;
      onChanged();
    }
    return answer.ok;
  };
  if (!asking.value)
    return (
      <p class="quiet">
        {s(`pregnancy_${pregnancy}`)}{' '}
        {may('orders', 'w') && (
          <button aria-label={s('pregnancy_change')} onClick={() => (asking.value = true)}>
            {s('change_it')}
          </button>
        )}
      </p>
    );
  return (
    <form class="fields" aria-label={s('pregnancy_change')} onSubmit={onSubmit(submit)}>
      <Field label={s('pregnancy')}>
        <select name="pregnancy" defaultValue={pregnancy}>
          {pregnancies.map((one) => (
            <option key={one} value={one}>
              {s(`pregnant_${one}`)}
            </option>
          ))}
        </select>
      </Field>
      <Field label={s('reason')}>
        <input name="reason" required maxLength={250} autoComplete="off" />
      </Field>
      <Outcome text={trouble.value} />
      <div class="actions">
        <button type="button" onClick={() => (asking.value = false)}>
          {s('cancel')}
        </button>
        <button class="primary">{s('keep')}</button>
      </div>
    </form>
  );
}
