import { generate } from 'lean-qr';
import { describe, expect, it } from 'vitest';
import { pathOf } from '../../src/ui/qr_path';

const bitsOf = (rows: string[]) => ({
  size: rows.length,
  get: (x: number, y: number) => rows[y]?.[x] === '#',
});

describe('the path of a QR code', () => {
  it('draws each run of dark modules in a row', () => {
    expect(pathOf(bitsOf(['##.', '...', '#.#']))).toBe(
      'M0 0h2v1h-2z' + 'M0 2h1v1h-1z' + 'M2 2h1v1h-1z',
    );
    expect(pathOf(bitsOf(['..', '..']))).toBe('');
  });
  it('begins with the finder pattern of a code (ISO/IEC 18004 6.3.3)', () => {
    const path = pathOf(generate('otpauth://totp/Vigil:ada?secret=MZXW6YTBOI&issuer=Vigil'));
    expect(path.startsWith('M0 0h7v1h-7z')).toBe(true);
  });
});
