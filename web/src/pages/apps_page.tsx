// The apps of others that may ask for data here: registered, changed, disabled by an administrator.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { readAccounts } from '../api/access_calls';
import { changeApp, readApps, registerApp } from '../api/app_calls';
import type { App, AppFields } from '../api/app_shapes';
import type { ApiErrorBody } from '../api/shapes';
import { freshly } from '../state/freshly';
import { me } from '../state/me';
import { AppForm } from '../ui/app_form';
import { AskAgain } from '../ui/ask_again';
import { ConfirmDialog } from '../ui/confirm_dialog';
import { CopyButton } from '../ui/copy_button';
import { Dialog } from '../ui/dialog';
import { errorText } from '../ui/error_text';
import { Outcome } from '../ui/form';
import { Table, type Column } from '../ui/table';
import { localMinute } from '../vital/format';
import { locale, t } from '../words';
import './apps_page.css';

type Doing =
  | { what: 'nothing' }
  | { what: 'change' | 'disable'; id: string }
  | { what: 'registered'; app: App };

const nothing: Doing = { what: 'nothing' };

function Actions({
  app: { client_id: id, name, enabled },
  onDo,
  onEnable,
}: {
  app: App;
  onDo: (it: Doing) => void;
  onEnable: () => void;
}) {
  return (
    <div class="table__pair">
      <button
        onClick={() => onDo({ what: 'change', id })}
        aria-label={t('apps.change_of', { name })}
      >
        {t('apps.change')}
      </button>
      {enabled ? (
        <button
          onClick={() => onDo({ what: 'disable', id })}
          aria-label={t('apps.disable_of', { name })}
        >
          {t('apps.disable')}
        </button>
      ) : (
        <button onClick={onEnable} aria-label={t('apps.enable_of', { name })}>
          {t('apps.enable')}
        </button>
      )}
    </div>
  );
}

const columns = (onDo: (it: Doing) => void, onEnable: (app: App) => void): Column<App>[] => [
  {
    title: t('apps.column.name'),
    names: true,
    wraps: true,
    cell: ({ name, client_id }) => (
      <>
        {name} <code class="table__aside">{client_id}</code>
      </>
    ),
    sort: ({ name }) => name,
  },
  {
    title: t('apps.column.kind'),
    cell: ({ kind, account }) => (
      <>
        {t(`apps.kind.${kind}`)}
        {account && <small class="table__aside">{account}</small>}
      </>
    ),
    sort: ({ kind }) => t(`apps.kind.${kind}`),
  },
  {
    title: t('apps.column.state'),
    cell: ({ enabled }) => (enabled ? t('apps.enabled') : <strong>{t('apps.disabled')}</strong>),
    sort: ({ enabled }) => Number(enabled),
  },
  { title: t('apps.column.grants'), cell: ({ grants }) => grants, sort: ({ grants }) => grants },
  {
    title: t('apps.column.registered'),
    cell: ({ registered }) => localMinute(Date.parse(registered), locale.value),
    sort: ({ registered }) => registered,
  },
  {
    title: t('apps.column.actions'),
    cell: (app) => <Actions app={app} onDo={onDo} onEnable={() => onEnable(app)} />,
  },
];

/** The apps, and the service accounts that one may work as. */
function useApps() {
  const apps = useSignal<App[] | null>(null);
  const accounts = useSignal<string[]>([]);
  const failed = useSignal<ApiErrorBody | null>(null);
  const load = async () => {
    const answer = await readApps();
    failed.value = answer.ok ? null : answer.error;
    if (answer.ok) apps.value = answer.body.apps;
  };
  useEffect(() => {
    void load();
    void readAccounts().then((answer) => {
      if (!answer.ok) return;
      accounts.value = answer.body.accounts
        .filter(({ role, enabled }) => role === 'service' && enabled)
        .map(({ username }) => username);
    });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when the page opens
  }, []);
  return { apps: apps.value, accounts: accounts.value, failed: failed.value, load };
}

function Told({ title, text }: { title: string; text: string }) {
  return (
    <div class="secret">
      <h3>{title}</h3>
      <pre tabIndex={0} role="region" aria-label={title}>
        {text}
      </pre>
      <CopyButton text={text} />
    </div>
  );
}

/** What whoever sets the app up needs to know of this server. */
function Registered({ app, onClose }: { app: App; onClose: () => void }) {
  return (
    <Dialog title={t('apps.registered', { name: app.name })} onClose={onClose}>
      <p>{t('apps.registered_how')}</p>
      <Told title={t('apps.client_id')} text={app.client_id} />
      <Told title={t('apps.fhir_base')} text={`${location.origin}/fhir`} />
      <div class="actions">
        <button class="primary" onClick={onClose}>
          {t('apps.registered_done')}
        </button>
      </div>
    </Dialog>
  );
}

export function AppsPage() {
  const { apps, accounts, failed, load } = useApps();
  const doing = useSignal<Doing>(nothing);
  const outcome = useSignal<string | null>(null);
  const close = () => (doing.value = nothing);
  const now = doing.value;
  const chosen =
    now.what === 'change' || now.what === 'disable'
      ? apps?.find(({ client_id }) => client_id === now.id)
      : undefined;

  const change = async (app: App, fields: AppFields, done: string) => {
    const answer = await freshly(() => changeApp(app.client_id, fields));
    if (!answer.ok) return answer.error;
    outcome.value = done;
    close();
    void load();
    return null;
  };
  const enable = async (app: App) => {
    const { name } = app;
    const error = await change(app, { enabled: true }, t('apps.is_enabled', { name }));
    if (error) outcome.value = errorText(error);
  };
  const disable = async (app: App) => {
    const { name } = app;
    const error = await change(app, { enabled: false }, t('apps.is_disabled', { name }));
    return error && errorText(error);
  };
  return (
    <div class="page">
      <header class="page__head">
        <h1>{t('apps.title')}</h1>
        <p class="quiet">{apps && t('apps.count', { n: apps.length })}</p>
        <a class="button page__jump" href="#register-app">
          {t('apps.register')}
        </a>
        <p class="quiet apps-lead">{t('apps.lead')}</p>
      </header>
      <div class="page__main">
        <Outcome text={outcome.value} />
        {failed && <p class="notice">{errorText(failed)}</p>}
        {apps && apps.length > 0 ? (
          <Table
            caption={t('apps.title')}
            columns={columns(
              (it) => (doing.value = it),
              (app) => void enable(app),
            )}
            rows={apps}
            keyOf={({ client_id }) => client_id}
          />
        ) : (
          <p class="empty">
            {apps ? t('apps.empty') : t('app.loading', { what: t('apps.title') })}
          </p>
        )}
      </div>
      <div class="page__side">
        <section id="register-app" class="card" aria-labelledby="register-app-title">
          <h2 id="register-app-title">{t('apps.register')}</h2>
          <AppForm
            app={null}
            accounts={accounts}
            submit={t('apps.submit')}
            onSend={async (fields, { kind, client_id }) => {
              const answer = await freshly(() =>
                registerApp({
                  ...fields,
                  name: fields.name ?? '',
                  kind,
                  ...(client_id ? { client_id } : {}),
                }),
              );
              if (!answer.ok) return answer.error;
              doing.value = { what: 'registered', app: answer.body };
              void load();
              return null;
            }}
          />
        </section>
      </div>
      {now.what === 'change' && chosen && (
        <Dialog title={t('apps.change_of', { name: chosen.name })} onClose={close}>
          <AppForm
            app={chosen}
            accounts={accounts}
            submit={t('apps.save')}
            onSend={(fields) =>
              change(chosen, fields, t('apps.changed', { name: fields.name ?? '' }))
            }
          />
        </Dialog>
      )}
      {now.what === 'disable' && chosen && (
        <ConfirmDialog
          title={t('apps.disable_of', { name: chosen.name })}
          act={t('apps.disable_now')}
          onConfirm={() => disable(chosen)}
          onClose={close}
        >
          <p>{t('apps.disable_means', { name: chosen.name, n: chosen.grants })}</p>
        </ConfirmDialog>
      )}
      {now.what === 'registered' && <Registered app={now.app} onClose={close} />}
      <AskAgain byPasskey={(me.value?.second_factor?.passkeys.length ?? 0) > 0} />
    </div>
  );
}
