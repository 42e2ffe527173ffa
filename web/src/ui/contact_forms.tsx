// Adds a contact: a person's e-mail address, or a system of the site that is told by webhook.
import { useSignal } from '@preact/signals';
import { recipients } from '../alarm/duties';
import { priorities } from '../alarm/standing';
import type { Priority } from '../api/alarm_shapes';
import { addContact } from '../api/duty_calls';
import type { Contact, ContactWish } from '../api/duty_shapes';
import { dutyWords as d } from '../words/duties';
import { errorText } from './error_text';
import { Field, onSubmit, Outcome, textOf } from './form';

type Added = (contact: Contact & { secret?: string }) => void;

function Least() {
  return (
    <Field label={d('least')}>
      <select name="least">
        {priorities.map((priority) => (
          <option key={priority} value={priority} selected={priority === 'medium'}>
            {d(`least.${priority}`)}
          </option>
        ))}
      </select>
    </Field>
  );
}

function Emergencies() {
  return (
    <label class="check">
      <input type="checkbox" name="emergencies" />
      {d('system.emergencies')}
    </label>
  );
}

function useAdding(onAdded: Added) {
  const trouble = useSignal<string | null>(null);
  const add = async (wish: ContactWish) => {
    const answer = await addContact(wish);
    trouble.value = answer.ok ? null : errorText(answer.error);
    if (answer.ok) onAdded(answer.body);
    return answer.ok;
  };
  return { trouble, add };
}

/** `account` is whose it is; null: whoever administers the server says it, and more. */
export function PersonForm({ account, onAdded }: { account: string | null; onAdded: Added }) {
  const { trouble, add } = useAdding(onAdded);
  const submit = (form: FormData) =>
    add({
      account: account ?? textOf(form, 'account'),
      channel: 'email',
      address: textOf(form, 'address'),
      least: textOf(form, 'least') as Priority,
      ...(form.has('emergencies') ? { emergencies: true } : {}),
    });
  const title = account === null ? 'add_person' : 'add';
  return (
    <form class="fields" aria-labelledby={title} onSubmit={onSubmit(submit)}>
      <h3 id={title}>{d(title)}</h3>
      <div class="duty-form__pair">
        {account === null && (
          <Field label={d('person.account')}>
            <input name="account" required autocomplete="off" />
          </Field>
        )}
        <Field label={d('address')}>
          <input name="address" type="email" required autocomplete="email" />
        </Field>
        <Least />
      </div>
      {account === null && <Emergencies />}
      <Outcome text={trouble.value} />
      <div class="actions">
        <button class="primary">{d('add.do')}</button>
      </div>
    </form>
  );
}

export function SystemForm({ units, onAdded }: { units: readonly string[]; onAdded: Added }) {
  const { trouble, add } = useAdding(onAdded);
  const submit = async (form: FormData) => {
    const as = form.getAll('as').filter((one): one is string => typeof one === 'string');
    const emergencies = form.has('emergencies');
    if (as.length === 0 && !emergencies) {
      trouble.value = d('system.nothing');
      return false;
    }
    const unit = textOf(form, 'unit');
    return add({
      name: textOf(form, 'name'),
      as,
      ...(unit ? { unit } : {}),
      channel: 'webhook',
      address: textOf(form, 'address'),
      least: textOf(form, 'least') as Priority,
      ...(emergencies ? { emergencies: true } : {}),
    });
  };
  return (
    <form class="fields" aria-labelledby="add_system" onSubmit={onSubmit(submit)}>
      <h3 id="add_system">{d('add_system')}</h3>
      <div class="duty-form__pair">
        <Field label={d('system.name')}>
          <input name="name" required autocomplete="off" />
        </Field>
        <Field label={d('system.address')}>
          <input name="address" type="url" required autocomplete="off" />
        </Field>
        <Field label={d('system.unit')}>
          <select name="unit">
            <option value="">{d('system.every_unit')}</option>
            {units.map((unit) => (
              <option key={unit} value={unit}>
                {unit}
              </option>
            ))}
          </select>
        </Field>
        <Least />
      </div>
      <fieldset class="choices">
        <legend>{d('system.as')}</legend>
        {recipients.map((one) => (
          <label key={one} class="check">
            <input type="checkbox" name="as" value={one} />
            {d(`as.${one}`)}
          </label>
        ))}
      </fieldset>
      <Emergencies />
      <Outcome text={trouble.value} />
      <div class="actions">
        <button class="primary">{d('add.do')}</button>
      </div>
    </form>
  );
}
