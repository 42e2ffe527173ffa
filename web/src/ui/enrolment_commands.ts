// What is typed at a device to enrol it by its one-time code (docs/guides/connect-a-device.md).
import type { EnrolmentSecret } from '../api/shapes';

/** In single quotes for a shell: nothing in it is read as anything else. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Makes a key, which stays where it is, and the request for a certificate of it. */
export function requestCommand({ username }: EnrolmentSecret): string {
  return [
    'openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes',
    `-subj ${quoted(`/CN=${username}`)} -keyout ${quoted(`${username}.key`)}`,
    `-outform DER | openssl base64 -A -out ${quoted(`${username}.p10`)}`,
  ].join(' ');
}

/** Sends it with the code, and keeps the certificate. */
export function enrolCommand({ username, code }: EnrolmentSecret, origin: string): string {
  return [
    `curl --fail-with-body --cacert vigil-ca.pem --user ${quoted(`${username}:${code}`)}`,
    `--header 'Content-Type: application/pkcs10' --data-binary ${quoted(`@${username}.p10`)}`,
    `${origin}/.well-known/est/simpleenroll | openssl base64 -d -A`,
    `| openssl pkcs7 -inform DER -print_certs -out ${quoted(`${username}.crt`)}`,
  ].join(' ');
}
