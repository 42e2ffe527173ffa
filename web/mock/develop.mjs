// `npm run dev`: the app with hot reload, against the mock server or, with VIGIL_URL, a real one.
import { createServer } from 'vite';
import { startMock } from './server.mjs';

const target =
  process.env.VIGIL_URL ??
  (await startMock({ beds: Number(process.env.MOCK_BEDS ?? 12), alarms: true })).url;
const vite = await createServer({
  server: {
    proxy: {
      '/api': { target, ws: true, secure: false, changeOrigin: false },
      '/fhir': { target, secure: false, changeOrigin: false },
    },
  },
});
await vite.listen();
vite.printUrls();
console.log(process.env.VIGIL_URL ? `against ${target}` : 'sign in as admin, password vigil');
