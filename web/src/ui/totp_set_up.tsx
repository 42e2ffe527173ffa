// Setting an authenticator app up: scan, confirm with its first code, keep the recovery codes.
import { useSignal } from '@preact/signals';
import { confirmTotp } from '../api/calls';
import type { ApiErrorBody, TotpEnrolment } from '../api/shapes';
import { t } from '../words';
import { CodeField } from './code_field';
import { CopyButton } from './copy_button';
import { messageOf } from './error_text';
import { onSubmit, textOf } from './form';
import { QrCode } from './qr_code';
import { RecoveryCodes } from './recovery_codes';
import './totp_set_up.css';

/** In groups of four, as people type it. */
const grouped = (secret: string) => secret.replace(/(.{4})(?=.)/g, '$1 ');

export function TotpSetUp({
  enrolment,
  done,
  onDone,
}: {
  enrolment: TotpEnrolment;
  done: string;
  onDone: () => void;
}) {
  const codes = useSignal<string[] | null>(null);
  const trouble = useSignal<ApiErrorBody | null>(null);
  const confirm = async (form: FormData) => {
    const answer = await confirmTotp(textOf(form, 'code'));
    trouble.value = answer.ok ? null : answer.error;
    if (answer.ok) codes.value = answer.body.recovery_codes;
    return true;
  };
  if (codes.value) return <RecoveryCodes codes={codes.value} done={done} onDone={onDone} />;
  return (
    <form class="fields" onSubmit={onSubmit(confirm)}>
      <p>{t('factor.scan')}</p>
      <QrCode text={enrolment.uri} label={t('factor.qr')} />
      <div class="secret secret--typed">
        <h3>{t('factor.by_hand')}</h3>
        <pre tabIndex={0} role="region" aria-label={t('factor.by_hand')}>
          {grouped(enrolment.secret)}
        </pre>
        <CopyButton text={enrolment.secret} />
      </div>
      <CodeField label={t('factor.first_code')} />
      {trouble.value && (
        <p class="notice" role="alert">
          {messageOf(trouble.value)}
        </p>
      )}
      <div class="actions">
        <button class="primary">{t('factor.confirm')}</button>
      </div>
    </form>
  );
}
