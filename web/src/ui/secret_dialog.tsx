// A credential, shown once.
import type { Device, Secret } from '../api/shapes';
import { t } from '../words';
import { CopyButton } from './copy_button';
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
  return (
    <div class="secret">
      <h3>{name}</h3>
      <pre tabIndex={0} role="region" aria-label={name}>
        {text}
      </pre>
      <CopyButton text={text} />
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
