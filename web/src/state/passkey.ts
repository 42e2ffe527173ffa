// Web Authentication (Level 2) in the browser: options as the server writes them to what
// navigator.credentials takes, and what it gives back to what the server reads. Bytes travel as base64url.
import type { ApiErrorBody } from '../api/shapes';

export interface CredentialDescriptor {
  type: 'public-key';
  id: string;
}

export interface CreationOptions {
  challenge: string;
  rp: { id: string; name: string };
  user: { id: string; name: string; displayName: string };
  pubKeyCredParams: { type: 'public-key'; alg: number }[];
  timeout: number;
  attestation: 'none';
  authenticatorSelection: {
    residentKey: 'required';
    requireResidentKey: boolean;
    userVerification: 'required';
  };
  excludeCredentials: CredentialDescriptor[];
}

export interface RequestOptions {
  challenge: string;
  rpId: string;
  timeout: number;
  userVerification: 'required';
  allowCredentials: CredentialDescriptor[];
}

export interface ShownPasskey {
  id: string;
  client_data: string;
  authenticator_data: string;
  signature: string;
  user_handle: string;
}

export interface CreatedPasskey {
  client_data: string;
  attestation_object: string;
}

export function toBase64url(bytes: ArrayBuffer): string {
  let text = '';
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

const descriptors = (of: readonly CredentialDescriptor[]): PublicKeyCredentialDescriptor[] =>
  of.map(({ type, id }) => ({ type, id: fromBase64url(id) }));

/** Only over HTTPS or on this very machine. */
export const passkeysWork = (): boolean => 'PublicKeyCredential' in globalThis;

/** Null: whoever was asked turned it down, or the time was over. */
export async function createPasskey(options: CreationOptions): Promise<CreatedPasskey | null> {
  const made = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: fromBase64url(options.challenge),
        user: { ...options.user, id: fromBase64url(options.user.id) },
        excludeCredentials: descriptors(options.excludeCredentials),
      },
    }),
  );
  if (!made) return null;
  const { response } = made as PublicKeyCredential & { response: AuthenticatorAttestationResponse };
  return {
    client_data: toBase64url(response.clientDataJSON),
    attestation_object: toBase64url(response.attestationObject),
  };
}

export async function showPasskey(options: RequestOptions): Promise<ShownPasskey | null> {
  const shown = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: fromBase64url(options.challenge),
        allowCredentials: descriptors(options.allowCredentials),
      },
    }),
  );
  if (!shown) return null;
  const { rawId, response } = shown as PublicKeyCredential & {
    response: AuthenticatorAssertionResponse;
  };
  return {
    id: toBase64url(rawId),
    client_data: toBase64url(response.clientDataJSON),
    authenticator_data: toBase64url(response.authenticatorData),
    signature: toBase64url(response.signature),
    user_handle: response.userHandle ? toBase64url(response.userHandle) : '',
  };
}

/** A browser says with one error that somebody declined, waited too long, or has no passkey here. */
async function asked(ask: () => Promise<Credential | null>): Promise<Credential | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

export const passkeyDeclined: ApiErrorBody = { kind: 'passkey-declined', message: '', place: '' };
