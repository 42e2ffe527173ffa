// A device's certificates: all that are known, a code for a new one, and the end of them all.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import {
  offerCode,
  readCertificates,
  revokeCredentials,
  takeCodeBack,
  type CertificatesAnswer,
} from '../api/enrolment_calls';
import type { Device, DeviceCertificate, Secret } from '../api/shapes';
import { lastSeen } from './device_list';
import { localDateTime } from '../vital/format';
import { locale, t } from '../words';
import { CertificateText } from './certificate_cell';
import { ConfirmDialog } from './confirm_dialog';
import { Dialog } from './dialog';
import { errorText } from './error_text';
import { Outcome } from './form';
import './certificates.css';

const timeOf = (text: string) => localDateTime(Date.parse(text), locale.value);

function CertificateList({ certificates }: { certificates: readonly DeviceCertificate[] }) {
  if (certificates.length === 0) return <p class="quiet">{t('certificate.none')}</p>;
  return (
    <ul class="certificates" aria-label={t('certificate.list')}>
      {certificates.map((each) => (
        <li key={each.serial} data-state={each.state}>
          <CertificateText certificate={each} />
          <p class="quiet">
            {t('certificate.serial')} <code>{each.serial}</code>
          </p>
          <p class="quiet">{t(`certificate.origin_${each.origin}`)}</p>
        </li>
      ))}
    </ul>
  );
}

export function CertificatesDialog({
  device,
  onSecret,
  onChanged,
  onClose,
}: {
  device: Device;
  onSecret: (secret: Secret) => void;
  onChanged: () => void;
  onClose: () => void;
}) {
  const known = useSignal<CertificatesAnswer | null>(null);
  const trouble = useSignal<string | null>(null);
  const revoking = useSignal(false);
  const load = async () => {
    const answer = await readCertificates(device.id);
    if (answer.ok) known.value = answer.body;
    else trouble.value = errorText(answer.error);
  };
  useEffect(() => {
    void load();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when it opens
  }, []);
  const enrol = async () => {
    const answer = await offerCode(device.id);
    if (!answer.ok) trouble.value = errorText(answer.error);
    else onSecret(answer.body);
  };
  const takeBack = async () => {
    const answer = await takeCodeBack(device.id);
    onChanged();
    await load();
    trouble.value = answer.ok ? t('certificate.code_gone') : errorText(answer.error);
  };
  const revoke = async () => {
    const answer = await revokeCredentials(device.id);
    if (!answer.ok) return errorText(answer.error);
    onChanged();
    await load();
    revoking.value = false;
    trouble.value = t('certificate.revoked_all', { device: device.display });
    return null;
  };
  const answer = known.value;
  const seen = lastSeen(device);
  return (
    <>
      <Dialog title={t('certificate.title', { device: device.display })} onClose={onClose}>
        <Outcome text={trouble.value} />
        {seen && <p class="quiet">{seen}</p>}
        {answer && <CertificateList certificates={answer.certificates} />}
        {answer?.enrolment && (
          <p class="notice">
            {t('certificate.code_open', { time: timeOf(answer.enrolment.expires) })}
            {answer.enrolment.wrong_tries > 0 &&
              ` ${t('certificate.wrong_tries', { n: answer.enrolment.wrong_tries })}`}
          </p>
        )}
        <div class="actions">
          <button onClick={() => (revoking.value = true)}>{t('certificate.revoke')}</button>
          {answer?.enrolment && (
            <button onClick={() => void takeBack()}>{t('certificate.take_back')}</button>
          )}
          <button class="primary" onClick={() => void enrol()}>
            {t('certificate.enrol')}
          </button>
        </div>
      </Dialog>
      {revoking.value && (
        <ConfirmDialog
          title={t('certificate.revoke_of', { device: device.display })}
          act={t('certificate.revoke_now')}
          onConfirm={revoke}
          onClose={() => (revoking.value = false)}
        >
          <p>{t('certificate.revoke_means')}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
