// A device's certificate in the list: until when it is good, and whether the device renews it.
import type { Device, DeviceCertificate } from '../api/shapes';
import { certificateOrder, certificateSymbol } from '../vital/certificates';
import { localDateTime } from '../vital/format';
import { locale, t } from '../words';
import type { Column } from './table';
import './certificates.css';

export const shortSerial = (serial: string) => serial.slice(0, 8);
const timeOf = (text: string) => localDateTime(Date.parse(text), locale.value);

export function CertificateText({ certificate }: { certificate: DeviceCertificate }) {
  const { state, not_after } = certificate;
  return (
    <span class="certificate" data-state={state}>
      <span aria-hidden="true">{certificateSymbol[state]} </span>
      {t(`certificate.${state}`, { time: timeOf(not_after) })}
    </span>
  );
}

function CertificateCell({ device }: { device: Device }) {
  const { certificate, enrolment } = device;
  return (
    <>
      {certificate ? (
        <>
          <CertificateText certificate={certificate} />
          <small class="table__aside">
            <code title={certificate.serial}>{shortSerial(certificate.serial)}</code>{' '}
            {t(`certificate.origin_${certificate.origin}`)}
          </small>
        </>
      ) : (
        !enrolment && <span class="quiet">–</span>
      )}
      {enrolment && (
        <small class="table__aside">
          {t('certificate.code_open', { time: timeOf(enrolment.expires) })}
        </small>
      )}
    </>
  );
}

export function certificateColumn(): Column<Device> {
  return {
    title: t('devices.column.certificate'),
    wraps: true,
    cell: (device) => <CertificateCell device={device} />,
    sort: certificateOrder,
  };
}
