// Takes over a duty: as what, of a unit or of some of its patients, and until when.
import { useSignal } from '@preact/signals';
import { fieldTime, recipients, shiftEnd, timeOfField } from '../alarm/duties';
import { takeDuty } from '../api/duty_calls';
import type { Duty } from '../api/duty_shapes';
import type { Patient } from '../api/shapes';
import { now } from '../state/watch';
import { dutyWords as d } from '../words/duties';
import { errorText } from './error_text';
import { Field, onSubmit, Outcome, textOf } from './form';

const textsOf = (form: FormData, name: string): string[] =>
  form.getAll(name).filter((value): value is string => typeof value === 'string');

function As({ name }: { name: string }) {
  return (
    <fieldset class="choices">
      <legend>{d('take.as')}</legend>
      {recipients.map((one) => (
        <label key={one} class="check">
          <input type="checkbox" name={name} value={one} />
          {d(`as.${one}`)}
        </label>
      ))}
    </fieldset>
  );
}

function Whom({ patients }: { patients: readonly Patient[] }) {
  const some = useSignal(false);
  return (
    <fieldset class="choices">
      <legend>{d('take.of')}</legend>
      {[false, true].map((isSome) => (
        <label key={String(isSome)} class="check">
          <input
            type="radio"
            name="of"
            value={isSome ? 'some' : 'all'}
            checked={some.value === isSome}
            onChange={() => (some.value = isSome)}
          />
          {d(isSome ? 'take.of_patients' : 'take.of_unit')}
        </label>
      ))}
      {some.value && (
        <div class="choices__more">
          {patients.map(({ id, bed, display_name }) => (
            <label key={id} class="check">
              <input type="checkbox" name="patient" value={id} />
              {[bed, display_name].filter(Boolean).join(' · ')}
            </label>
          ))}
        </div>
      )}
    </fieldset>
  );
}

export function DutyForm({
  account,
  units,
  everyUnit,
  patients,
  onTaken,
}: {
  account: string;
  units: readonly string[];
  /** Whoever reaches everyone may have the duty of every unit. */
  everyUnit: boolean;
  patients: readonly Patient[];
  onTaken: (duty: Duty) => void;
}) {
  const trouble = useSignal<string | null>(null);
  const unit = useSignal(units[0] ?? '');
  const take = async (form: FormData) => {
    const as = textsOf(form, 'as');
    const until = timeOfField(textOf(form, 'until'));
    const some = textOf(form, 'of') === 'some' ? textsOf(form, 'patient') : null;
    trouble.value = null;
    if (as.length === 0) trouble.value = d('take.no_as');
    else if (some?.length === 0) trouble.value = d('take.no_patients');
    else if (until === null) trouble.value = d('take.no_time');
    if (trouble.value !== null || until === null) return false;
    const whose = textOf(form, 'account');
    const answer = await takeDuty({
      ...(whose === '' || whose === account ? {} : { account: whose }),
      as,
      unit: unit.peek(),
      ...(some ? { patients: some } : {}),
      until,
    });
    trouble.value = answer.ok ? null : errorText(answer.error);
    if (answer.ok) onTaken(answer.body);
    return answer.ok;
  };
  return (
    <form class="fields duty-form" aria-labelledby="take" onSubmit={onSubmit(take)}>
      <h3 id="take">{d('take')}</h3>
      <As name="as" />
      <Field label={d('take.unit')}>
        <select value={unit.value} onChange={(event) => (unit.value = event.currentTarget.value)}>
          {units.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
          {everyUnit && <option value="">{d('of_all')}</option>}
        </select>
      </Field>
      {unit.value !== '' && (
        <Whom key={unit.value} patients={patients.filter((one) => one.unit === unit.value)} />
      )}
      <div class="duty-form__pair">
        <Field label={d('take.until')}>
          <input
            type="datetime-local"
            name="until"
            required
            defaultValue={fieldTime(shiftEnd(now.peek()))}
          />
        </Field>
        <Field label={d('take.whose')} hint={d('take.whose_hint')}>
          <input name="account" defaultValue={account} autocomplete="off" />
        </Field>
      </div>
      <Outcome text={trouble.value} />
      <div class="actions">
        <button class="primary">{d('take.do')}</button>
      </div>
    </form>
  );
}
