import { describe, expect, it } from 'vitest';
import { asHex, asText, fromBase64 } from '../../src/vital/raw_bytes';

describe('asText', () => {
  it('reads UTF-8', () => {
    expect(asText(new TextEncoder().encode('{"t": "36,8 °C"}\n'))).toBe('{"t": "36,8 °C"}\n');
  });
  it('calls binary binary', () => {
    expect(asText(Uint8Array.of(0x16, 0x7c, 0x00))).toBeNull();
    expect(asText(Uint8Array.of(0xff, 0xfe))).toBeNull();
  });
});

describe('asHex', () => {
  it('writes sixteen bytes a row, with their place and what can be printed', () => {
    const rows = asHex(fromBase64('QUJDREVGR0hJSktMTU5PUAA='));
    expect(rows).toEqual([
      {
        offset: '0000',
        hex: '41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50',
        text: 'ABCDEFGHIJKLMNOP',
      },
      { offset: '0010', hex: '00', text: '·' },
    ]);
  });
});
