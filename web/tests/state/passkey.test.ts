import { describe, expect, it } from 'vitest';
import { fromBase64url, toBase64url } from '../../src/state/passkey';

describe('bytes as base64url', () => {
  const bytes = (...values: number[]) => Uint8Array.from(values).buffer;
  // RFC 4648 10, and the two letters that differ from base64 (5).
  const vectors: [ArrayBuffer, string][] = [
    [bytes(), ''],
    [bytes(0x66), 'Zg'],
    [bytes(0x66, 0x6f), 'Zm8'],
    [bytes(0x66, 0x6f, 0x6f), 'Zm9v'],
    [bytes(0xfb, 0xff, 0xbf), '-_-_'],
  ];
  it.each(vectors)('%o is %s', (raw, text) => {
    expect(toBase64url(raw)).toBe(text);
    expect(fromBase64url(text).buffer).toEqual(raw);
  });
});
