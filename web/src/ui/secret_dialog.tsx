// A credential, shown once.
import type { ComponentChildren } from 'preact';
import type { Device, Secret } from '../api/shapes';
import { localDateTime } from '../vital/format';
import { locale, t } from '../words';
import { CopyButton } from './copy_button';
import { Dialog } from './dialog';
import { enrolCommand, requestCommand } from './enrolment_commands';

function linesOf(secret: Secret): [name: string, text: string][] {
  if (secret.type === 'token')
    return [
      [t('devices.secret_user'), secret.username],
      [t('devices.secret_password'), secret.password],
    ];
  if (secret.type === 'enrolment')
    return [
      [t('devices.secret_code'), secret.code],
      [t('devices.secret_request'), requestCommand(secret)],
      [t('devices.secret_enrol'), enrolCommand(secret, location.origin)],
      [t('devices.secret_fingerprint'), secret.authority_sha256],
      [t('devices.secret_authority'), secret.authority_pem],
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

/** What is shown once: each with a way to copy it. */
export function ShownOnce({
  title,
  lead,
  lines,
  onClose,
  children,
}: {
  title: string;
  lead: string;
  lines: readonly [name: string, text: string][];
  onClose: () => void;
  children?: ComponentChildren;
}) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p class="notice">{lead}</p>
      {children}
      {lines.map(([name, text]) => (
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
    <ShownOnce
      title={t('devices.secret_title', { device: device.display })}
      lead={t('devices.secret_once')}
      lines={linesOf(secret)}
      onClose={onClose}
    >
      {secret.type === 'enrolment' && (
        <p>
          {t('devices.secret_code_means', {
            time: localDateTime(Date.parse(secret.expires), locale.value),
          })}
        </p>
      )}
    </ShownOnce>
  );
}
