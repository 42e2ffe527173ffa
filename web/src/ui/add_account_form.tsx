import { useSignal } from '@preact/signals';
import { rulesOf } from '../access/roles';
import { addAccount } from '../api/access_calls';
import type { ApiErrorBody, Role } from '../api/shapes';
import { t } from '../words';
import { CheckedField, fieldOf, type Trouble } from './checked_field';
import { messageOf, errorText } from './error_text';
import { Field, onSubmit, Outcome, textOf } from './form';
import { RoleChoice } from './role_choice';
import { UnitsEntry } from './units_entry';

/** The server's least (docs/reference/series-api.md, Accounts): its length is all that counts. */
export const passwordLengthMin = 15;

/** Units say whom staff reach; of patients, caregivers, auditors they would say nothing. */
export const hasUnits = (role: Role): boolean =>
  ['units', 'everyone'].includes(rulesOf(role)?.reach ?? '');

export const unitsHint = (role: Role): string =>
  t(rulesOf(role)?.reach === 'units' ? 'accounts.units_hint' : 'accounts.units_hint_everyone');

/** Which patient an account is for, a care relation says. */
const isInDirectory = (role: Role): boolean => role !== 'patient';

/** What the server has against it, at its field. */
export function troubleWith(error: ApiErrorBody): Trouble {
  const field = fieldOf(error.place, ['fhir_user']);
  return { field, text: field === null ? errorText(error) : messageOf(error) };
}

/** Who they are in the record (docs/reference/series-api.md, Accounts). */
export function FhirUserField({
  role,
  value = '',
  trouble,
}: {
  role: Role;
  value?: string;
  trouble: Trouble | null;
}) {
  if (!isInDirectory(role)) return null;
  return (
    <CheckedField
      name="fhir_user"
      label={t('accounts.fhir_user')}
      hint={t('accounts.fhir_user_hint')}
      trouble={trouble}
    >
      <input defaultValue={value} autocomplete="off" autocapitalize="none" spellcheck={false} />
    </CheckedField>
  );
}

export function AddAccountForm({
  units: known,
  onAdded,
}: {
  units: readonly string[];
  onAdded: (text: string) => void;
}) {
  const role = useSignal<Role>('nurse');
  const units = useSignal<readonly string[]>([]);
  const trouble = useSignal<Trouble | null>(null);
  const isService = role.value === 'service';
  const add = async (form: FormData) => {
    const password = form.get('password');
    const username = textOf(form, 'username');
    const answer = await addAccount({
      username,
      role: role.value,
      display_name: textOf(form, 'display_name'),
      units: hasUnits(role.value) ? [...units.value] : [],
      ...(textOf(form, 'fhir_user') ? { fhir_user: textOf(form, 'fhir_user') } : {}),
      ...(typeof password === 'string' && password !== '' ? { password } : {}),
    });
    trouble.value = answer.ok ? null : troubleWith(answer.error);
    if (!answer.ok) return false;
    units.value = [];
    onAdded(t('accounts.added', { username }));
    return true;
  };
  return (
    <form
      id="add-account"
      class="card"
      aria-labelledby="add-account-title"
      onSubmit={onSubmit(add)}
      onReset={() => (role.value = 'nurse')}
    >
      <h2 id="add-account-title">{t('accounts.add')}</h2>
      <Field label={t('accounts.username')} hint={t('accounts.username_hint')}>
        <input
          name="username"
          required
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
        />
      </Field>
      <Field label={t('accounts.display_name')}>
        <input name="display_name" autocomplete="off" />
      </Field>
      <RoleChoice role={role.value} onChange={(next) => (role.value = next)} />
      {hasUnits(role.value) && (
        <UnitsEntry units={units} known={known} hint={unitsHint(role.value)} />
      )}
      <FhirUserField role={role.value} trouble={trouble.value} />
      {isService ? (
        <p class="quiet">{t('accounts.no_password')}</p>
      ) : (
        <Field label={t('accounts.password')} hint={t('accounts.password_rules')}>
          <input
            name="password"
            type="password"
            required
            minLength={passwordLengthMin}
            autocomplete="new-password"
          />
        </Field>
      )}
      <Outcome text={trouble.value?.field === null ? trouble.value.text : null} />
      <button class="primary">{t('accounts.submit')}</button>
    </form>
  );
}
