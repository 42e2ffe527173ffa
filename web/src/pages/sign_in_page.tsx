import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { readSignInWays } from '../api/calls';
import type { ApiErrorBody } from '../api/shapes';
import { passkeysWork } from '../state/passkey';
import {
  outcomeWord,
  providerAddress,
  providerOutcome,
  rememberPlace,
} from '../state/provider_sign_in';
import {
  factorAfterProvider,
  resumeSession,
  signIn,
  signInByPasskey,
  signInFactor,
  type FactorAsked,
  type SignedIn,
  type SignInOutcome,
} from '../state/session';
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

function Trouble({ error }: { error: ApiErrorBody | null }) {
  if (!error) return null;
  return (
    <p class="notice" role="alert">
      {messageOf(error)}
    </p>
  );
}

function FactorForm({
  asked,
  onOver,
}: {
  asked: FactorAsked;
  onOver: (error?: ApiErrorBody) => void;
}) {
  const trouble = useSignal<ApiErrorBody | null>(null);
  const working = useSignal(false);
  const take = async (step: Promise<SignInOutcome>) => {
    working.value = true;
    const outcome = await step;
    working.value = false;
    if (outcome.state === 'over') onOver(outcome.error);
    if (outcome.state === 'refused') trouble.value = outcome.error;
    return outcome.state === 'refused';
  };
  return (
    <form
      class="fields"
      onSubmit={onSubmit((form) => take(signInFactor(asked.ticket, typed(form, 'code'))))}
    >
      <p class="quiet">
        {t(asked.byProvider ? 'signin.provider_factor_lead' : 'signin.factor_lead')}
      </p>
      {asked.passkey && passkeysWork() && (
        <button
          type="button"
          class="primary"
          disabled={working.value}
          onClick={() => void take(signInByPasskey(asked.ticket))}
        >
          {t('passkey.use')}
        </button>
      )}
      <CodeField
        label={t('signin.code')}
        hint={t(asked.totp ? 'signin.code_hint' : 'signin.recovery_hint')}
      />
      <Trouble error={trouble.value} />
      <button class="primary" disabled={working.value}>
        {t('signin.factor_submit')}
      </button>
      <button type="button" class="plain" onClick={() => onOver()}>
        {t('signin.factor_back')}
      </button>
    </form>
  );
}

/** Where the site has a provider of its own: the way there, and what came of the last try. */
function ProviderSignIn() {
  const name = useSignal<string | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    void readSignInWays(stop.signal).then((answer) => {
      if (answer.ok) name.value = answer.body.openid?.name ?? null;
    });
    return () => stop.abort();
  }, [name]);
  const trouble = outcomeWord(providerOutcome.value);
  return (
    <>
      {trouble !== null && (
        <p class="notice" role="alert">
          {t(trouble)}
        </p>
      )}
      {name.value !== null && (
        <a class="button" href={providerAddress} onClick={rememberPlace}>
          {t('signin.provider', { name: name.value })}
        </a>
      )}
    </>
  );
}

function SignInForm() {
  const trouble = useSignal<ApiErrorBody | null>(null);
  const working = useSignal(false);
  const asked = useSignal<FactorAsked | null>(null);
  const take = async (step: Promise<SignInOutcome>) => {
    working.value = true;
    const outcome = await step;
    working.value = false;
    trouble.value = 'error' in outcome ? outcome.error : null;
    if (outcome.state === 'factor') asked.value = outcome.asked;
    return false;
  };
  useEffect(() => {
    if (providerOutcome.value !== 'factor') return;
    providerOutcome.value = null;
    void factorAfterProvider().then((outcome) => {
      if (outcome.state === 'factor') asked.value = outcome.asked;
      else if ('error' in outcome) trouble.value = outcome.error;
    });
  }, [asked, trouble]);
  if (asked.value !== null)
    return (
      <FactorForm
        asked={asked.value}
        onOver={(error) => {
          asked.value = null;
          trouble.value = error ?? null;
        }}
      />
    );
  return (
    <form
      class="fields"
      onSubmit={onSubmit((form) => take(signIn(typed(form, 'username'), typed(form, 'password'))))}
    >
      <Field label={t('signin.username')}>
        <input name="username" autocomplete="username" required autoFocus />
      </Field>
      <Field label={t('signin.password')}>
        <input name="password" type="password" autocomplete="current-password" required />
      </Field>
      <Trouble error={trouble.value} />
      <button class="primary" disabled={working.value}>
        {working.value ? t('signin.working') : t('signin.submit')}
      </button>
      {passkeysWork() && (
        <button type="button" disabled={working.value} onClick={() => void take(signInByPasskey())}>
          {t('passkey.sign_in')}
        </button>
      )}
      <ProviderSignIn />
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

export function SignInPage({
  who,
  lead,
}: {
  who: SignedIn;
  /** What one signs in for. */
  lead: string;
}) {
  return (
    <main class="sign-in">
      <div class="sign-in__box">
        <h1 class="sign-in__name">{t('app.name')}</h1>
        <p class="quiet">{who.state === 'out' && who.ended ? t('signin.ended') : lead}</p>
        {who.state === 'unreachable' ? <Unreachable error={who.error} /> : <SignInForm />}
      </div>
    </main>
  );
}
