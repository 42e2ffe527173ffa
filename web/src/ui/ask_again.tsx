// Asks for the password once more, where state/freshly.ts wants it.
import { useSignal } from '@preact/signals';
import { beginProof, signInAgain, signInAgainByPasskey } from '../api/calls';
import type { ApiErrorBody } from '../api/shapes';
import { askedAgain } from '../state/freshly';
import { passkeyDeclined, passkeysWork, showPasskey } from '../state/passkey';
import { t } from '../words';
import { Dialog } from './dialog';
import { messageOf } from './error_text';
import { Field, onSubmit } from './form';

function AskAgainForm({
  byPasskey,
  done,
}: {
  byPasskey: boolean;
  done: (confirmed: boolean) => void;
}) {
  const trouble = useSignal<ApiErrorBody | null>(null);
  const submit = async (form: FormData) => {
    const password = form.get('password');
    const answer = await signInAgain(typeof password === 'string' ? password : '');
    trouble.value = answer.ok ? null : answer.error;
    if (answer.ok) done(true);
    return true;
  };
  const showOne = async () => {
    const options = await beginProof();
    const passkey = options.ok ? await showPasskey(options.body) : null;
    const answer = passkey && (await signInAgainByPasskey(passkey));
    if (answer?.ok) done(true);
    else trouble.value = answer ? answer.error : passkeyDeclined;
  };
  return (
    <form class="fields" onSubmit={onSubmit(submit)}>
      <p class="quiet">{t('account.again_lead')}</p>
      {byPasskey && passkeysWork() && (
        <button type="button" class="primary" onClick={() => void showOne()}>
          {t('passkey.use')}
        </button>
      )}
      <Field label={t('signin.password')}>
        <input name="password" type="password" autocomplete="current-password" required autoFocus />
      </Field>
      {trouble.value && (
        <p class="notice" role="alert">
          {messageOf(trouble.value)}
        </p>
      )}
      <div class="actions">
        <button class="primary">{t('account.again_submit')}</button>
      </div>
    </form>
  );
}

export function AskAgain({ byPasskey }: { byPasskey: boolean }) {
  const asked = askedAgain.value;
  if (!asked) return null;
  return (
    <Dialog title={t('account.again_title')} onClose={() => asked.done(false)}>
      <AskAgainForm byPasskey={byPasskey} done={asked.done} />
    </Dialog>
  );
}
