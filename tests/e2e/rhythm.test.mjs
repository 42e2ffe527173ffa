// What is read of a patient's ECG, on their page: rate, rhythm, leads and beats, or that nothing is read.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { startMock } from '../../web/mock/server.mjs';
import { findings } from './axe.mjs';
import { inTheme, isMock, openBrowser, password, sizes, visit } from './browser.mjs';

const only = { skip: !isMock };
let browser;
let mock;
before(async () => (browser = await openBrowser()));
after(() => browser.close());
beforeEach(async () => (mock = await startMock({ beds: 9, password })));
afterEach(() => mock.stop());

const at = (path, act, more = {}) => visit(browser, path, act, { at: mock.url, ...more });
const panelOf = (page) => page.getByRole('region', { name: 'Rhythm', exact: true });

test('rate, rhythm, leads and the last beats are what is read now', only, () =>
  at('/patients/4', async (page) => {
    const ecg = panelOf(page).getByRole('region', { name: 'ECG of monitor-04' });
    await ecg.getByText('131 /min').waitFor();
    await ecg.getByText('Tachycardia, Frequent ventricular beats').waitFor();
    await ecg.getByText('ECG II: good').waitFor();
    await ecg.getByText('ECG V1: good for the rate alone').waitFor();
    await ecg
      .getByRole('img', { name: /^The last 32 beats in .* normal \(N\): 26, ventricular \(V\): 6/ })
      .waitFor();
    await panelOf(page).getByText('131 /min of the pulse wave').waitFor();
  }),
);

test('leads that are off, and an ECG of which nothing is read, say so', only, async () => {
  await at('/patients/9', async (page) => {
    await panelOf(page).getByText('ECG II: off').waitFor();
    await panelOf(page)
      .getByText(/^Nothing is read of this ECG now/)
      .waitFor();
  });
  await at('/patients/5', (page) =>
    panelOf(page)
      .getByText(/^No ECG is read/)
      .waitFor(),
  );
});

for (const size of ['phone', 'desk'])
  for (const theme of ['dark', 'light'])
    test(`axe finds nothing on a patient with a rhythm, ${size}, ${theme}`, only, () =>
      at(
        '/patients/4',
        async (page) => {
          await panelOf(page).getByText('ECG II: good').waitFor();
          assert.deepEqual(await findings(page), []);
        },
        { size: sizes[size], storageState: inTheme(theme) },
      ),
    );
