import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ApiErrorBody } from '../api/shapes';
import { resumeSession, signIn, signInFactor, type SignedIn } from '../state/session';
import { CodeField } from '../ui/code_field';
import { errorText, messageOf } from '../ui/error_text';
import { Field, onSubmit } from '../ui/form';
import { t } from '../words';
import './sign_in_page.css';

const retryMs = 3000;

/** A password is taken as typed, spaces and all. */
function typed(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

function FactorForm({
  ticket,
  onOver,
}: {
  ticket: string;
  onOver: (error?: ApiErrorBody) => void;
}) {
  const trouble = useSignal<ApiErrorBody | null>(null);
  const working = useSignal(false);
  const submit = async (form: FormData) => {
    working.value = true;
    const outcome = await signInFactor(ticket, typed(form, 'code'));
    working.value = false;
    if (outcome.state === 'over') onOver(outcome.error);
    if (outcome.state !== 'refused') return false;
    trouble.value = outcome.error;
    return true;
  };
  return (
    <form class="fields" onSubmit={onSubmit(submit)}>
      <p class="quiet">{t('signin.factor_lead')}</p>
      <CodeField label={t('signin.code')} hint={t('signin.code_hint')} />
      {trouble.value && (
        <p class="notice" role="alert">
          {messageOf(trouble.value)}
        </p>
      )}
      <button class="primary" disabled={working.value}>
        {t('signin.factor_submit')}
      </button>
      <button type="button" class="plain" onClick={() => onOver()}>
        {t('signin.factor_back')}
      </button>
    </form>
  );
}

function SignInForm() {
  const trouble = useSignal<ApiErrorBody | null>(null);
  const working = useSignal(false);
  const ticket = useSignal<string | null>(null);
  const submit = async (form: FormData) => {
    working.value = true;
    const outcome = await signIn(typed(form, 'username'), typed(form, 'password'));
    working.value = false;
    trouble.value = outcome.state === 'refused' ? outcome.error : null;
    if (outcome.state === 'factor') ticket.value = outcome.ticket;
    return false;
  };
  if (ticket.value !== null)
    return (
      <FactorForm
        ticket={ticket.value}
        onOver={(error) => {
          ticket.value = null;
          trouble.value = error ?? null;
        }}
      />
    );
  return (
    <form class="fields" onSubmit={onSubmit(submit)}>
      <Field label={t('signin.username')}>
        <input name="username" autocomplete="username" required autoFocus />
      </Field>
      <Field label={t('signin.password')}>
        <input name="password" type="password" autocomplete="current-password" required />
      </Field>
      {trouble.value && (
        <p class="notice" role="alert">
          {messageOf(trouble.value)}
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
