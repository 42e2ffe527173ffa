// Devices' one-time codes and certificates.
import { request } from './http';
import type { DeviceCertificate, EnrolmentSecret } from './shapes';

const part = encodeURIComponent;

export interface CertificatesAnswer {
  certificates: DeviceCertificate[];
  /** A code that the device has not used: wrong tries are of whoever has a part of it. */
  enrolment: { expires: string; wrong_tries: number } | null;
}

export const readCertificates = (id: string) =>
  request<CertificatesAnswer>('GET', `/api/devices/${part(id)}/certificates`);
export const offerCode = (id: string) =>
  request<EnrolmentSecret>('POST', `/api/devices/${part(id)}/enrolment`, {});
export const takeCodeBack = (id: string) =>
  request<null>('DELETE', `/api/devices/${part(id)}/enrolment`);
/** Everything that it signs in with, at once. */
export const revokeCredentials = (id: string) =>
  request<unknown>('DELETE', `/api/devices/${part(id)}/credentials`);
