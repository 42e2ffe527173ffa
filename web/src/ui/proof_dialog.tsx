// Asks for the factor that is set up, before it is changed: a passkey, or a code.
import { useSignal } from '@preact/signals';
import { beginProof, type Proof } from '../api/calls';
import type { ApiErrorBody, OwnAccount } from '../api/shapes';
import { passkeyDeclined, passkeysWork, showPasskey } from '../state/passkey';
import { t } from '../words';
import { CodeField } from './code_field';
import { Dialog } from './dialog';
import { messageOf } from './error_text';
import { onSubmit, textOf } from './form';

export function ProofDialog({
  factor,
  onProof,
  onClose,
}: {
  factor: OwnAccount['second_factor'];
  /** What went wrong; null: nothing, and the dialog is over. */
  onProof: (proof: Proof) => Promise<ApiErrorBody | null>;
  onClose: () => void;
}) {
  const trouble = useSignal<ApiErrorBody | null>(null);
  const byCode = async (form: FormData) => {
    trouble.value = await onProof({ code: textOf(form, 'code') });
    return true;
  };
  const byPasskey = async () => {
    const options = await beginProof();
    if (!options.ok) {
      trouble.value = options.error;
      return;
    }
    const passkey = await showPasskey(options.body);
    trouble.value = passkey ? await onProof({ passkey }) : passkeyDeclined;
  };
  return (
    <Dialog title={t('factor.code_title')} onClose={onClose}>
      <form class="fields" onSubmit={onSubmit(byCode)}>
        {factor.passkeys.length > 0 && passkeysWork() && (
          <button type="button" class="primary" onClick={() => void byPasskey()}>
            {t('passkey.use')}
          </button>
        )}
        <CodeField
          label={t('signin.code')}
          hint={t(factor.totp ? 'signin.code_hint' : 'signin.recovery_hint')}
        />
        {trouble.value && (
          <p class="notice" role="alert">
            {messageOf(trouble.value)}
          </p>
        )}
        <div class="actions">
          <button class="primary">{t('factor.code_submit')}</button>
        </div>
      </form>
    </Dialog>
  );
}
