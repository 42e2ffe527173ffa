// The API tokens of an account: what is there, one more (shown once), and one less.
import { useSignal } from '@preact/signals';
import { addToken, readTokens, revokeToken } from '../api/access_calls';
import type { Account, ApiToken } from '../api/access_shapes';
import { useFetched } from '../state/fetched';
import { now } from '../state/watch';
import { localMinute } from '../vital/format';
import { locale, t } from '../words';
import { CopyButton } from './copy_button';
import { Dialog } from './dialog';
import { errorText } from './error_text';
import { Field, onSubmit, Outcome, textOf } from './form';

/** Offered with a word on each; any other is written by hand. */
export const offeredScopes = [
  'system/*.rs',
  'system/*.cruds',
  'system/Observation.rs',
  'vigil/administer',
] as const;

const daysOffered = [30, 90, 365] as const;
const dayMs = 86_400_000;
const time = (text: string) => localMinute(Date.parse(text), locale.value);

function scopesOf(form: FormData): string[] {
  const others = textOf(form, 'other').split(/[\s,]+/);
  return [...form.getAll('scope'), ...others].filter(
    (scope): scope is string => typeof scope === 'string' && scope !== '',
  );
}

function Scopes() {
  return (
    <fieldset class="scopes">
      <legend>{t('tokens.scopes')}</legend>
      {offeredScopes.map((scope) => (
        <label key={scope} class="check">
          <input type="checkbox" name="scope" value={scope} />
          <span>
            {t(`tokens.scope.${scope}`)} <code>{scope}</code>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function IssueForm({
  account,
  onIssued,
}: {
  account: Account;
  onIssued: (secret: string) => void;
}) {
  const trouble = useSignal<string | null>(null);
  const issue = async (form: FormData) => {
    const scopes = scopesOf(form);
    if (scopes.length === 0) {
      trouble.value = t('tokens.no_scope');
      return false;
    }
    const days = Number(textOf(form, 'days'));
    const answer = await addToken(account.username, {
      name: textOf(form, 'name'),
      scopes,
      ...(days > 0 ? { expires: new Date(now.peek() + days * dayMs).toISOString() } : {}),
    });
    trouble.value = answer.ok ? null : errorText(answer.error);
    if (answer.ok) onIssued(answer.body.token);
    return answer.ok;
  };
  return (
    <form class="fields" aria-labelledby="token-issue" onSubmit={onSubmit(issue)}>
      <h3 id="token-issue">{t('tokens.issue_title')}</h3>
      <Field label={t('tokens.name')} hint={t('tokens.name_hint')}>
        <input name="name" required autocomplete="off" />
      </Field>
      <Scopes />
      <Field label={t('tokens.other')} hint={t('tokens.other_hint')}>
        <input name="other" autocomplete="off" autocapitalize="none" spellcheck={false} />
      </Field>
      <Field label={t('tokens.expires')}>
        <select name="days">
          {daysOffered.map((n) => (
            <option key={n} value={n}>
              {t('tokens.days', { n })}
            </option>
          ))}
          <option value="0">{t('tokens.never')}</option>
        </select>
      </Field>
      <Outcome text={trouble.value} />
      <div class="actions">
        <button class="primary">{t('tokens.issue')}</button>
      </div>
    </form>
  );
}

function Token({ token, onRevoke }: { token: ApiToken; onRevoke: () => void }) {
  return (
    <li>
      <div>
        <strong>{token.name}</strong>
        <p>
          <code>{token.scopes.join(' ')}</code>
        </p>
        <p class="quiet">
          {t('tokens.issued', { time: time(token.issued) })} ·{' '}
          {token.expires === null
            ? t('tokens.never')
            : t('tokens.until', { time: time(token.expires) })}
        </p>
      </div>
      <button onClick={onRevoke} aria-label={t('tokens.revoke_of', { name: token.name })}>
        {t('tokens.revoke')}
      </button>
    </li>
  );
}

function Secret({ secret }: { secret: string }) {
  return (
    <div role="status">
      <p class="notice">{t('tokens.once')}</p>
      <div class="secret">
        <h3>{t('tokens.secret')}</h3>
        <pre tabIndex={0} role="region" aria-label={t('tokens.secret')}>
          {secret}
        </pre>
        <CopyButton text={secret} />
      </div>
    </div>
  );
}

export function TokensDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const turn = useSignal(0);
  const secret = useSignal<string | null>(null);
  const trouble = useSignal<string | null>(null);
  const { username } = account;
  const fetched = useFetched({
    key: `${username} ${turn.value}`,
    ask: (signal) => readTokens(username, signal),
  }).value;
  const revoke = async (token: ApiToken) => {
    const answer = await revokeToken(username, token.id);
    trouble.value = answer.ok ? t('tokens.revoked', { name: token.name }) : errorText(answer.error);
    turn.value += 1;
  };
  const tokens = fetched.state === 'here' ? fetched.body.tokens : [];
  return (
    <Dialog title={t('accounts.tokens_of', { username })} onClose={onClose}>
      <div class="account-parts">
        <Outcome text={trouble.value} />
        {secret.value !== null && <Secret secret={secret.value} />}
        {fetched.state === 'failed' && <p class="notice">{errorText(fetched.error)}</p>}
        {fetched.state === 'here' && tokens.length === 0 && <p class="quiet">{t('tokens.none')}</p>}
        {tokens.length > 0 && (
          <ul class="tokens">
            {tokens.map((token) => (
              <Token key={token.id} token={token} onRevoke={() => void revoke(token)} />
            ))}
          </ul>
        )}
        <IssueForm
          account={account}
          onIssued={(text) => {
            secret.value = text;
            turn.value += 1;
          }}
        />
      </div>
    </Dialog>
  );
}
