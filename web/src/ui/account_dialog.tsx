// What can be changed about an account: name, role, units; its password; whether it is let in at all;
// and where it is signed in.
import { useSignal } from '@preact/signals';
import { changeAccount, endSessions, removeFactors, type AccountChange } from '../api/access_calls';
import type { Account } from '../api/access_shapes';
import type { Role } from '../api/shapes';
import { freshly } from '../state/freshly';
import { me } from '../state/me';
import { t } from '../words';
import { AskAgain } from './ask_again';
import {
  FhirUserField,
  hasUnits,
  passwordLengthMin,
  troubleWith,
  unitsHint,
} from './add_account_form';
import type { Trouble } from './checked_field';
import { Dialog } from './dialog';
import { errorText } from './error_text';
import { Field, onSubmit, Outcome, textOf } from './form';
import { RoleChoice } from './role_choice';
import { UnitsEntry } from './units_entry';

type Save = (change: AccountChange, done: string) => Promise<boolean>;

function Facts({
  account,
  known,
  save,
  trouble,
}: {
  account: Account;
  known: readonly string[];
  save: Save;
  trouble: Trouble | null;
}) {
  const role = useSignal<Role>(account.role);
  const units = useSignal<readonly string[]>(account.units);
  const { username } = account;
  const submit = async (form: FormData) => {
    await save(
      {
        display_name: textOf(form, 'display_name'),
        // Only what is otherwise: a role that changes ends the account's sessions.
        ...(role.value === account.role ? {} : { role: role.value }),
        units: hasUnits(role.value) ? [...units.value] : [],
        ...(form.has('fhir_user') ? { fhir_user: textOf(form, 'fhir_user') } : {}),
      },
      t('accounts.changed', { username }),
    );
    return false;
  };
  return (
    <form class="fields" onSubmit={onSubmit(submit)}>
      <Field label={t('accounts.display_name')}>
        <input name="display_name" defaultValue={account.display_name} autocomplete="off" />
      </Field>
      <RoleChoice role={role.value} onChange={(next) => (role.value = next)} />
      {hasUnits(role.value) && (
        <UnitsEntry units={units} known={known} hint={unitsHint(role.value)} />
      )}
      <FhirUserField role={role.value} value={account.fhir_user} trouble={trouble} />
      {role.value !== account.role && <p class="notice">{t('accounts.role_ends')}</p>}
      <div class="actions">
        <button class="primary">{t('accounts.save')}</button>
      </div>
    </form>
  );
}

function NewPassword({ username, save }: { username: string; save: Save }) {
  const submit = async (form: FormData) => {
    const password = form.get('password');
    return save(
      { password: typeof password === 'string' ? password : '' },
      t('accounts.password_changed', { username }),
    );
  };
  return (
    <form class="fields" onSubmit={onSubmit(submit)}>
      <Field label={t('accounts.new_password')} hint={t('accounts.password_rules')}>
        <input
          name="password"
          type="password"
          required
          minLength={passwordLengthMin}
          autocomplete="new-password"
        />
      </Field>
      <div class="actions">
        <button>{t('accounts.set_password')}</button>
      </div>
    </form>
  );
}

export function AccountDialog({
  account,
  units,
  onDone,
  onClose,
}: {
  account: Account;
  units: readonly string[];
  onDone: (text: string) => void;
  onClose: () => void;
}) {
  const outcome = useSignal<string | null>(null);
  const trouble = useSignal<Trouble | null>(null);
  const { username, enabled } = account;
  const said = (text: string) => {
    trouble.value = null;
    outcome.value = text;
    onDone(text);
  };
  const save: Save = async (change, done) => {
    const answer = await freshly(() => changeAccount(username, change));
    if (answer.ok) said(done);
    else {
      trouble.value = troubleWith(answer.error);
      outcome.value = trouble.value.field === null ? trouble.value.text : null;
    }
    return answer.ok;
  };
  const signOut = async () => {
    const answer = await endSessions(username);
    if (answer.ok) said(t('accounts.signed_out', { username, n: answer.body.ended }));
    else outcome.value = errorText(answer.error);
  };
  const dropFactors = async () => {
    const answer = await freshly(() => removeFactors(username));
    if (answer.ok) said(t('accounts.factors_removed', { username }));
    else outcome.value = errorText(answer.error);
  };
  const isOwn = username === me.value?.username;
  return (
    <Dialog title={t('accounts.change_of', { username })} onClose={onClose}>
      <Outcome text={outcome.value} />
      <div class="account-parts">
        <Facts account={account} known={units} save={save} trouble={trouble.value} />
        <section aria-label={t('accounts.state')}>
          <p>{t(enabled ? 'accounts.disable_means' : 'accounts.enable_means')}</p>
          <div class="actions">
            <button onClick={() => void signOut()}>{t('accounts.sign_out')}</button>
            <button
              disabled={isOwn && enabled}
              onClick={() =>
                void save(
                  { enabled: !enabled },
                  t(enabled ? 'accounts.is_disabled' : 'accounts.is_enabled', { username }),
                )
              }
            >
              {t(enabled ? 'accounts.disable' : 'accounts.enable')}
            </button>
          </div>
        </section>
        {account.second_factor && (
          <section aria-label={t('accounts.factors')}>
            <p>{t('accounts.factors_mean')}</p>
            <div class="actions">
              <button onClick={() => void dropFactors()}>{t('accounts.remove_factors')}</button>
            </div>
          </section>
        )}
        {account.role !== 'service' && (
          <section aria-label={t('accounts.password')}>
            <NewPassword username={username} save={save} />
          </section>
        )}
      </div>
      <AskAgain byPasskey={(me.value?.second_factor?.passkeys.length ?? 0) > 0} />
    </Dialog>
  );
}
