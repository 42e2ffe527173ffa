// Who has an account, in which role and for which units; and what each role may do.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { readAccounts } from '../api/access_calls';
import type { Account } from '../api/access_shapes';
import { readPatients } from '../api/calls';
import type { ApiErrorBody, Role } from '../api/shapes';
import { roleTable } from '../access/roles';
import { may } from '../state/me';
import { AccountDialog } from '../ui/account_dialog';
import { AddAccountForm } from '../ui/add_account_form';
import { errorText } from '../ui/error_text';
import { Field, Outcome } from '../ui/form';
import { RolesTable } from '../ui/roles_table';
import { Table, type Column } from '../ui/table';
import { TokensDialog } from '../ui/tokens_dialog';
import { t } from '../words';
import './accounts_page.css';

type Chosen = { what: 'change' | 'tokens'; username: string } | null;

function Actions({ account, onChoose }: { account: Account; onChoose: (it: Chosen) => void }) {
  const { username } = account;
  return (
    <div class="table__pair">
      <button
        onClick={() => onChoose({ what: 'change', username })}
        aria-label={t('accounts.change_of', { username })}
      >
        {t('accounts.change')}
      </button>
      <button
        onClick={() => onChoose({ what: 'tokens', username })}
        aria-label={t('accounts.tokens_of', { username })}
      >
        {t('accounts.tokens')}
      </button>
    </div>
  );
}

function columns(onChoose: (it: Chosen) => void): Column<Account>[] {
  const all: Column<Account>[] = [
    {
      title: t('accounts.name'),
      names: true,
      wraps: true,
      cell: ({ username, display_name }) => (
        <>
          {display_name || username} <code class="quiet">{username}</code>
        </>
      ),
      sort: ({ username, display_name }) => display_name || username,
    },
    {
      title: t('accounts.role'),
      wraps: true,
      cell: ({ role }) => t(`role.${role}`),
      sort: ({ role }) => t(`role.${role}`),
    },
    {
      title: t('accounts.units'),
      wraps: true,
      cell: ({ units }) => units.join(', ') || '–',
      sort: ({ units }) => units.join(' '),
    },
    {
      title: t('accounts.state'),
      wraps: true,
      cell: ({ enabled }) =>
        enabled ? t('accounts.enabled') : <strong>{t('accounts.disabled')}</strong>,
      sort: ({ enabled }) => Number(enabled),
    },
  ];
  if (may('accounts', 'a'))
    all.push({
      title: t('accounts.actions'),
      cell: (account) => <Actions account={account} onChoose={onChoose} />,
    });
  return all;
}

interface Filter {
  text: string;
  role: Role | '';
  disabled: boolean;
}

function matches({ username, display_name, role, units, enabled }: Account, filter: Filter) {
  const wanted = filter.text.toLocaleLowerCase();
  return (
    (filter.role === '' || role === filter.role) &&
    (filter.disabled || enabled) &&
    [username, display_name, ...units].some((text) => text.toLocaleLowerCase().includes(wanted))
  );
}

function Filters({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  return (
    <div class="accounts-filter" role="search">
      <Field label={t('accounts.filter')}>
        <input
          type="search"
          value={filter.text}
          onInput={(event) => onChange({ ...filter, text: event.currentTarget.value })}
        />
      </Field>
      <Field label={t('accounts.role')}>
        <select
          value={filter.role}
          onChange={(event) =>
            onChange({ ...filter, role: event.currentTarget.value as Role | '' })
          }
        >
          <option value="">{t('accounts.any_role')}</option>
          {roleTable.roles.map(({ role }) => (
            <option key={role} value={role}>
              {t(`role.${role}`)}
            </option>
          ))}
        </select>
      </Field>
      <label class="check">
        <input
          type="checkbox"
          checked={filter.disabled}
          onChange={(event) => onChange({ ...filter, disabled: event.currentTarget.checked })}
        />
        {t('accounts.with_disabled')}
      </label>
    </div>
  );
}

/** The accounts, and the units that accounts or patients name. */
function useAccounts() {
  const accounts = useSignal<Account[] | null>(null);
  const inUse = useSignal<string[]>([]);
  const failed = useSignal<ApiErrorBody | null>(null);
  const load = async () => {
    const answer = await readAccounts();
    failed.value = answer.ok ? null : answer.error;
    if (answer.ok) accounts.value = answer.body.accounts;
  };
  useEffect(() => {
    void load();
    if (!may('patients')) return;
    void readPatients().then((answer) => {
      if (answer.ok) inUse.value = answer.body.patients.flatMap(({ unit }) => unit ?? []);
    });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when the page opens
  }, []);
  const named = (accounts.value ?? []).flatMap(({ units }) => units);
  const units = [...new Set([...inUse.value, ...named])].sort();
  return { accounts: accounts.value, failed: failed.value, units, load };
}

export function AccountsPage() {
  const { accounts, failed, units, load } = useAccounts();
  const filter = useSignal<Filter>({ text: '', role: '', disabled: true });
  const chosen = useSignal<Chosen>(null);
  const outcome = useSignal<string | null>(null);
  const shown = (accounts ?? []).filter((account) => matches(account, filter.value));
  const administers = may('accounts', 'a');
  const open = chosen.value;
  const account = open && accounts?.find(({ username }) => username === open.username);
  const close = () => (chosen.value = null);
  const done = (text: string) => {
    outcome.value = text;
    void load();
  };
  return (
    <div class={`page${administers ? '' : ' page--alone'}`}>
      <header class="page__head">
        <h1>{t('accounts.title')}</h1>
        <p class="quiet">{t('accounts.count', { n: shown.length })}</p>
        {administers && (
          <a class="button page__jump" href="#add-account">
            {t('accounts.add')}
          </a>
        )}
      </header>
      <div class="page__main">
        <Outcome text={outcome.value} />
        {failed && <p class="notice">{errorText(failed)}</p>}
        <Filters filter={filter.value} onChange={(next) => (filter.value = next)} />
        {shown.length > 0 ? (
          <Table
            caption={t('accounts.title')}
            columns={columns((it) => (chosen.value = it))}
            rows={shown}
            keyOf={({ username }) => username}
          />
        ) : (
          <p class="empty">
            {accounts ? t('accounts.empty') : t('app.loading', { what: t('accounts.title') })}
          </p>
        )}
      </div>
      {administers && (
        <div class="page__side">
          <AddAccountForm units={units} onAdded={done} />
        </div>
      )}
      <div class="accounts-roles">
        <RolesTable />
      </div>
      {account && open.what === 'change' && (
        <AccountDialog account={account} units={units} onDone={done} onClose={close} />
      )}
      {account && open.what === 'tokens' && <TokensDialog account={account} onClose={close} />}
    </div>
  );
}
