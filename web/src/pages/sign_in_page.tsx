import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ApiErrorBody } from '../api/shapes';
import { resumeSession, signIn, type SignedIn } from '../state/session';
import { errorText } from '../ui/error_text';
import { t } from '../words';
import './sign_in_page.css';

const retryMs = 3000;

function SignInForm() {
  const trouble = useSignal<ApiErrorBody | null>(null);
  const working = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    working.value = true;
    trouble.value = await signIn(String(form.get('username')), String(form.get('password')));
    working.value = false;
  };
  return (
    <form class="fields" onSubmit={(event) => void submit(event)}>
      <label class="field">
        <span>{t('signin.username')}</span>
        <input name="username" autocomplete="username" required autoFocus />
      </label>
      <label class="field">
        <span>{t('signin.password')}</span>
        <input name="password" type="password" autocomplete="current-password" required />
      </label>
      {trouble.value && (
        <p class="notice" role="alert">
          {errorText(trouble.value)}
        </p>
      )}
      <button class="primary" disabled={working.value}>
        {working.value ? t('signin.working') : t('signin.submit')}
      </button>
      <p class="quiet sign-in__hint">{t('signin.hint')}</p>
    </form>
  );
}

function Unreachable({ error }: { error: ApiErrorBody }) {
  useEffect(() => {
    const timer = setInterval(() => void resumeSession(), retryMs);
    return () => clearInterval(timer);
  }, []);
  return (
    <p class="notice" role="alert">
      {errorText(error)}
    </p>
  );
}

export function SignInPage({ who }: { who: SignedIn }) {
  return (
    <main class="sign-in">
      <div class="sign-in__box">
        <h1 class="sign-in__name">{t('app.name')}</h1>
        <p class="quiet">
          {who.state === 'out' && who.ended ? t('signin.ended') : t('signin.lead')}
        </p>
        {who.state === 'unreachable' ? <Unreachable error={who.error} /> : <SignInForm />}
      </div>
    </main>
  );
}
