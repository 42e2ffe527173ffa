// Asks for the password once more, where state/freshly.ts wants it.
import { useSignal } from '@preact/signals';
import { signInAgain } from '../api/calls';
import type { ApiErrorBody } from '../api/shapes';
import { askedAgain } from '../state/freshly';
import { t } from '../words';
import { Dialog } from './dialog';
import { messageOf } from './error_text';
import { Field, onSubmit } from './form';

function AskAgainForm({ done }: { done: (confirmed: boolean) => void }) {
  const trouble = useSignal<ApiErrorBody | null>(null);
  const submit = async (form: FormData) => {
    const password = form.get('password');
    const answer = await signInAgain(typeof password === 'string' ? password : '');
    trouble.value = answer.ok ? null : answer.error;
    if (answer.ok) done(true);
    return true;
  };
  return (
    <form class="fields" onSubmit={onSubmit(submit)}>
      <p class="quiet">{t('account.again_lead')}</p>
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

export function AskAgain() {
  const asked = askedAgain.value;
  if (!asked) return null;
  return (
    <Dialog title={t('account.again_title')} onClose={() => asked.done(false)}>
      <AskAgainForm done={asked.done} />
    </Dialog>
  );
}
