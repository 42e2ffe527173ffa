// Somebody has signed in where a second factor is asked for, and has none yet: nothing else is shown.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { beginTotp } from '../api/calls';
import type { ApiErrorBody, TotpEnrolment } from '../api/shapes';
import { freshly } from '../state/freshly';
import { resumeSession, signOut } from '../state/session';
import { AskAgain } from '../ui/ask_again';
import { errorText } from '../ui/error_text';
import { TotpSetUp } from '../ui/totp_set_up';
import { t } from '../words';
import './sign_in_page.css';

export function SetUpPage() {
  const enrolment = useSignal<TotpEnrolment | null>(null);
  const failed = useSignal<ApiErrorBody | null>(null);
  useEffect(() => {
    void freshly(() => beginTotp({})).then((answer) => {
      if (answer.ok) enrolment.value = answer.body;
      else failed.value = answer.error;
    });
  }, [enrolment, failed]);
  return (
    <main class="sign-in">
      <div class="sign-in__box">
        <h1 class="sign-in__name">{t('factor.title')}</h1>
        <p class="quiet">{t('signin.set_up_lead')}</p>
        {failed.value && <p class="notice">{errorText(failed.value)}</p>}
        {enrolment.value && (
          <TotpSetUp
            enrolment={enrolment.value}
            done={t('signin.set_up_go_on')}
            onDone={() => void resumeSession()}
          />
        )}
        <button class="plain" onClick={() => void signOut()}>
          {t('nav.sign_out')}
        </button>
      </div>
      <AskAgain byPasskey={false} />
    </main>
  );
}
