// A credential, shown once.
import { useSignal } from '@preact/signals';
import type { Device, Secret } from '../api/shapes';
import { t } from '../words';
import { Dialog } from './dialog';

function linesOf(secret: Secret): [name: string, text: string][] {
  if (secret.type === 'token')
    return [
      [t('devices.secret_user'), secret.username],
      [t('devices.secret_password'), secret.password],
    ];
  return [
    [t('devices.secret_certificate'), secret.certificate_pem],
    [t('devices.secret_key'), secret.private_key_pem],
    [t('devices.secret_authority'), secret.authority_pem],
  ];
}

function SecretLine({ name, text }: { name: string; text: string }) {
  const copied = useSignal(false);
  const copy = () =>
    void navigator.clipboard.writeText(text).then(() => {
      copied.value = true;
    });
  return (
    <div class="secret">
      <h3>{name}</h3>
      <pre tabIndex={0} role="region" aria-label={name}>
        {text}
      </pre>
      <button onClick={copy}>{copied.value ? t('app.copied') : t('app.copy')}</button>
    </div>
  );
}

export function SecretDialog({
  device,
  secret,
  onClose,
}: {
  device: Device;
  secret: Secret;
  onClose: () => void;
}) {
  return (
    <Dialog title={t('devices.secret_title', { device: device.display })} onClose={onClose}>
      <p class="notice">{t('devices.secret_once')}</p>
      {linesOf(secret).map(([name, text]) => (
        <SecretLine key={name} name={name} text={text} />
      ))}
      <div class="actions">
        <button class="primary" onClick={onClose}>
          {t('devices.secret_done')}
        </button>
      </div>
    </Dialog>
  );
}
