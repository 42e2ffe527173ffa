// Lets somebody see a patient: as one of the care team, as a caregiver, or as the patient themselves.
import { useSignal } from '@preact/signals';
import { useEffect, useId } from 'preact/hooks';
import { rulesOf } from '../access/roles';
import { addRelation, readAccounts, type NewRelation } from '../api/access_calls';
import type { Account, RelationKind } from '../api/access_shapes';
import { t } from '../words';
import { Dialog } from './dialog';
import { errorText } from './error_text';
import { Field, onSubmit, Outcome, textOf } from './form';

type Kind = NewRelation['kind'];

/** Whose accounts a relation of that kind is for. */
function fits({ role }: Account, kind: RelationKind): boolean {
  const reach = rulesOf(role)?.reach;
  switch (kind) {
    case 'care-team':
      return reach === 'units' || reach === 'everyone';
    case 'caregiver':
      return role === 'caregiver' || role === 'patient';
    case 'self':
      return role === 'patient';
    case 'emergency':
      return false;
  }
}

export function AddRelationDialog({
  patient,
  kinds,
  isMine,
  suggests,
  onAdded,
  onClose,
}: {
  patient: string;
  kinds: readonly RelationKind[];
  isMine: boolean;
  /** Whoever adds may know which accounts there are. */
  suggests: boolean;
  onAdded: () => void;
  onClose: () => void;
}) {
  const kind = useSignal<Kind>((kinds[0] ?? 'care-team') as Kind);
  const accounts = useSignal<Account[]>([]);
  const trouble = useSignal<string | null>(null);
  const list = useId();
  useEffect(() => {
    if (!suggests) return;
    void readAccounts().then((answer) => {
      if (answer.ok) accounts.value = answer.body.accounts;
    });
  }, [suggests, accounts]);
  const add = async (form: FormData) => {
    const to = textOf(form, 'to');
    const reason = textOf(form, 'reason');
    const answer = await addRelation(patient, {
      account: textOf(form, 'account'),
      kind: kind.value,
      ...(to ? { to: new Date(to).toISOString() } : {}),
      ...(reason ? { reason } : {}),
    });
    trouble.value = answer.ok ? null : errorText(answer.error);
    if (answer.ok) onAdded();
    return false;
  };
  const chosen = kind.value;
  return (
    <Dialog title={t(isMine ? 'relations.let_in' : 'relations.add_title')} onClose={onClose}>
      <form class="fields" onSubmit={onSubmit(add)}>
        {kinds.length > 1 && (
          <Field label={t('relations.as')}>
            <select
              value={chosen}
              onChange={(event) => (kind.value = event.currentTarget.value as Kind)}
            >
              {kinds.map((one) => (
                <option key={one} value={one}>
                  {t(`relations.kind.${one}`)}
                </option>
              ))}
            </select>
          </Field>
        )}
        <p class="quiet">{t(isMine ? 'relations.means.mine' : `relations.means.${chosen}`)}</p>
        <Field
          label={t('relations.account')}
          hint={t(isMine ? 'relations.account_hint_mine' : 'relations.account_hint')}
        >
          <input
            name="account"
            list={list}
            required
            autoFocus
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
          />
        </Field>
        <datalist id={list}>
          {accounts.value
            .filter((account) => account.enabled && fits(account, chosen))
            .map(({ username, display_name }) => (
              <option key={username} value={username}>
                {display_name}
              </option>
            ))}
        </datalist>
        <Field label={t('relations.until')} hint={t('relations.until_hint')}>
          <input name="to" type="datetime-local" />
        </Field>
        <Field label={t('relations.why')}>
          <input name="reason" autocomplete="off" maxLength={900} />
        </Field>
        <Outcome text={trouble.value} />
        <div class="actions">
          <button type="button" onClick={onClose}>
            {t('app.cancel')}
          </button>
          <button class="primary">{t(isMine ? 'relations.let_in' : 'relations.submit')}</button>
        </div>
      </form>
    </Dialog>
  );
}
