// The fields of an app, by its kind: to register one, or to change one that is there.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import {
  fieldsOf,
  hasKeys,
  hasRedirect,
  keepsKeys,
  type AppEntry,
  type WrongKeys,
} from '../access/app_form';
import { scopesIn, scopeSets, setsOf, type ScopeSet } from '../access/scopes';
import type { App, AppFields, AppKind } from '../api/app_shapes';
import type { ApiErrorBody } from '../api/shapes';
import { t } from '../words';
import { CheckedField, fieldOf, type Trouble } from './checked_field';
import { messageOf } from './error_text';
import { Field, onSubmit, textOf } from './form';
import { ScopeList } from './scope_list';

const kinds: readonly AppKind[] = ['public', 'confidential', 'service'];
const names = [
  'name',
  'client_id',
  'redirect_uris',
  'launch_uri',
  'jwks',
  'jwks_uri',
  'account',
  'scopes',
] as const;

const spelled = { autocomplete: 'off', autocapitalize: 'none', spellcheck: false } as const;

function wrongText(wrong: WrongKeys): string {
  switch (wrong.what) {
    case 'no_json':
      return t('apps.jwks_no_json', { why: wrong.why });
    case 'both':
      return t('apps.jwks_one');
    case 'none':
      return t('apps.jwks_none');
  }
}

function KindChoice({ kind, onChange }: { kind: AppKind; onChange: (kind: AppKind) => void }) {
  return (
    <Field label={t('apps.kind')} hint={t(`apps.kind.means.${kind}`)}>
      <select
        name="kind"
        value={kind}
        onChange={(event) => onChange(event.currentTarget.value as AppKind)}
      >
        {kinds.map((one) => (
          <option key={one} value={one}>
            {t(`apps.kind.${one}`)}
          </option>
        ))}
      </select>
    </Field>
  );
}

function Redirects({ app, trouble }: { app: App | null; trouble: Trouble | null }) {
  return (
    <>
      <CheckedField
        name="redirect_uris"
        label={t('apps.redirect_uris')}
        hint={t('apps.redirect_uris_hint')}
        trouble={trouble}
      >
        <textarea
          rows={2}
          required
          defaultValue={app?.redirect_uris.join('\n') ?? ''}
          {...spelled}
        />
      </CheckedField>
      <CheckedField
        name="launch_uri"
        label={t('apps.launch_uri')}
        hint={t('apps.launch_uri_hint')}
        trouble={trouble}
      >
        <input type="url" defaultValue={app?.launch_uri ?? ''} {...spelled} />
      </CheckedField>
    </>
  );
}

function Keys({ app, trouble }: { app: App | null; trouble: Trouble | null }) {
  return (
    <>
      <CheckedField
        name="jwks"
        label={t('apps.jwks')}
        hint={keepsKeys(app) ? t('apps.jwks_kept', { n: app.keys }) : t('apps.jwks_hint')}
        trouble={trouble}
      >
        <textarea rows={4} class="app-form__keys" {...spelled} />
      </CheckedField>
      <CheckedField
        name="jwks_uri"
        label={t('apps.jwks_uri')}
        hint={t('apps.jwks_uri_hint')}
        trouble={trouble}
      >
        <input type="url" defaultValue={app?.jwks_uri ?? ''} {...spelled} />
      </CheckedField>
    </>
  );
}

function AccountChoice({
  app,
  accounts,
  trouble,
}: {
  app: App | null;
  accounts: readonly string[];
  trouble: Trouble | null;
}) {
  const all = [...new Set([...(app?.account ? [app.account] : []), ...accounts])];
  return (
    <CheckedField
      name="account"
      label={t('apps.account')}
      hint={t(all.length > 0 ? 'apps.account_hint' : 'apps.account_none')}
      trouble={trouble}
    >
      <select required>
        <option value="">{t('apps.account_choose')}</option>
        {all.map((username) => (
          <option key={username} value={username} selected={username === app?.account}>
            {username}
          </option>
        ))}
      </select>
    </CheckedField>
  );
}

function Scopes({
  text,
  service,
  trouble,
  onChange,
}: {
  text: string;
  service: boolean;
  trouble: Trouble | null;
  onChange: (text: string) => void;
}) {
  const scopes = scopesIn(text);
  const add = (set: ScopeSet) => onChange([...new Set([...scopes, ...scopeSets[set]])].join('\n'));
  return (
    <>
      <CheckedField
        name="scopes"
        label={t('apps.scopes')}
        hint={t('apps.scopes_hint')}
        trouble={trouble}
      >
        <textarea
          rows={4}
          required
          value={text}
          onInput={(event) => onChange(event.currentTarget.value)}
          {...spelled}
        />
      </CheckedField>
      <div class="app-form__sets" role="group" aria-label={t('apps.scopes_sets')}>
        {setsOf(service).map((set) => (
          <button key={set} type="button" onClick={() => add(set)}>
            + {t(`apps.set.${set}`)}
          </button>
        ))}
      </div>
      {scopes.length > 0 && (
        <section class="app-form__mean" aria-label={t('apps.scopes_mean')}>
          <ScopeList scopes={scopes} />
        </section>
      )}
    </>
  );
}

function entryOf(form: FormData, kind: AppKind, scopes: string): AppEntry {
  const text = (name: string) => textOf(form, name);
  return {
    kind,
    scopes,
    name: text('name'),
    client_id: text('client_id'),
    redirect_uris: text('redirect_uris'),
    launch_uri: text('launch_uri'),
    jwks: text('jwks'),
    jwks_uri: text('jwks_uri'),
    account: text('account'),
  };
}

export function AppForm({
  app,
  accounts,
  submit,
  onSend,
}: {
  /** Null: a new one. */
  app: App | null;
  /** User names of service accounts. */
  accounts: readonly string[];
  submit: string;
  /** What is wrong with it; null: it is done. */
  onSend: (
    fields: AppFields,
    as: { kind: AppKind; client_id: string },
  ) => Promise<ApiErrorBody | null>;
}) {
  const element = useRef<HTMLDivElement>(null);
  const kind = useSignal<AppKind>(app?.kind ?? 'public');
  const scopes = useSignal(app?.scopes.join('\n') ?? '');
  const trouble = useSignal<Trouble | null>(null);
  const working = useSignal(false);
  const tell = (next: Trouble | null) => {
    trouble.value = next;
    const field = next?.field && element.current?.querySelector(`[name="${next.field}"]`);
    if (field instanceof HTMLElement) field.focus();
  };
  const send = async (form: FormData) => {
    const entry = entryOf(form, kind.value, scopes.value);
    const made = fieldsOf(entry, app);
    if ('wrong' in made) {
      tell({ field: made.field, text: wrongText(made.wrong) });
      return false;
    }
    working.value = true;
    const error = await onSend(made.fields, { kind: entry.kind, client_id: entry.client_id });
    working.value = false;
    tell(error && { field: fieldOf(error.place, names), text: messageOf(error) });
    if (error === null && app === null) scopes.value = '';
    return error === null && app === null;
  };
  return (
    <form
      class="fields app-form"
      onSubmit={onSubmit(send)}
      onReset={() => (kind.value = app?.kind ?? 'public')}
    >
      <div ref={element} class="fields">
        {app === null && <KindChoice kind={kind.value} onChange={(next) => (kind.value = next)} />}
        <CheckedField
          name="name"
          label={t('apps.name')}
          hint={t('apps.name_hint')}
          trouble={trouble.value}
        >
          <input required autocomplete="off" defaultValue={app?.name ?? ''} />
        </CheckedField>
        {app === null && (
          <CheckedField
            name="client_id"
            label={t('apps.client_id')}
            hint={t('apps.client_id_hint')}
            trouble={trouble.value}
          >
            <input {...spelled} />
          </CheckedField>
        )}
        {hasRedirect(kind.value) && <Redirects app={app} trouble={trouble.value} />}
        {hasKeys(kind.value) && <Keys app={app} trouble={trouble.value} />}
        {kind.value === 'service' && (
          <AccountChoice app={app} accounts={accounts} trouble={trouble.value} />
        )}
        <Scopes
          text={scopes.value}
          service={kind.value === 'service'}
          trouble={trouble.value}
          onChange={(next) => (scopes.value = next)}
        />
      </div>
      <div role="alert" class="said">
        {trouble.value?.field === null && <p class="notice">{trouble.value.text}</p>}
      </div>
      {app !== null && app.grants > 0 && (
        <p class="notice">{t('apps.change_ends', { n: app.grants })}</p>
      )}
      <div class="actions">
        <button class="primary" disabled={working.value}>
          {working.value ? t('apps.working') : submit}
        </button>
      </div>
    </form>
  );
}
