// One's own account: password, second factor, and where one is signed in.
import { useSignal } from '@preact/signals';
import { readOwnAccount, readOwnSessions } from '../api/calls';
import { useFetched } from '../state/fetched';
import { AskAgain } from '../ui/ask_again';
import { errorText } from '../ui/error_text';
import { FactorSection } from '../ui/factor_section';
import { OwnAppsSection } from '../ui/own_apps_section';
import { PasskeysSection } from '../ui/passkeys_section';
import { PasswordSection } from '../ui/password_section';
import { SessionsSection } from '../ui/sessions_section';
import { useLatest } from '../state/latest';
import { t } from '../words';
import './account_page.css';

export function AccountPage() {
  const changes = useSignal(0);
  const account = useFetched({ key: `account ${changes.value}`, ask: readOwnAccount });
  const sessions = useFetched({ key: `sessions ${changes.value}`, ask: readOwnSessions });
  // While it is asked again, what was there stays.
  const shown = useLatest(account.value);
  const list = useLatest(sessions.value);
  const changed = () => (changes.value += 1);
  return (
    <div class="page account-page">
      <header class="page__head">
        <h1>{t('account.title')}</h1>
        {shown && <p class="quiet">{shown.username}</p>}
      </header>
      <div class="page__main">
        {account.value.state === 'failed' && (
          <p class="notice">
            {t('account.failed')} {errorText(account.value.error)}
          </p>
        )}
        {list && <SessionsSection sessions={list.sessions} onChanged={changed} />}
        <OwnAppsSection />
      </div>
      {shown && (
        <div class="page__side">
          <FactorSection account={shown} onChanged={changed} />
          <PasskeysSection account={shown} onChanged={changed} />
          <PasswordSection account={shown} onChanged={changed} />
        </div>
      )}
      <AskAgain byPasskey={(shown?.second_factor.passkeys.length ?? 0) > 0} />
    </div>
  );
}
