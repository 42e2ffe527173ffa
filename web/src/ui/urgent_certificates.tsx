// Above the list of devices: how many certificates somebody has to see to.
import type { Device } from '../api/shapes';
import { needsCertificate } from '../vital/certificates';
import { t } from '../words';

export function UrgentCertificates({ devices }: { devices: readonly Device[] }) {
  const n = devices.filter(needsCertificate).length;
  if (n === 0) return null;
  return <p class="notice">△ {t('certificate.urgent', { n })}</p>;
}
