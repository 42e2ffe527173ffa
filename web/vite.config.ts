import { defineConfig } from 'vitest/config';

export default defineConfig({
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // the content security policy allows no data: addresses
    reportCompressedSize: false,
  },
  server: { strictPort: false, fs: { allow: ['..'] } }, // data/roles.tsv lies beside us
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
});
