// The ECG in full: what is on a page, what is read for it, how one gets about in it.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { startMock } from '../../web/mock/server.mjs';
import { findings, tooSmall } from './axe.mjs';
import { inTheme, isMock, openBrowser, password, sizes, visit } from './browser.mjs';

const only = { skip: !isMock };
let browser;
let mock;
before(async () => (browser = await openBrowser()));
after(() => browser.close());
beforeEach(async () => (mock = await startMock({ beds: 5, password, alarms: true })));
afterEach(() => mock.stop());

const at = (path, act, more = {}) => visit(browser, path, act, { at: mock.url, ...more });
const rowsOf = (page) => page.getByRole('slider', { name: /^ECG, a row every/ });
const summaryOf = (page) => page.locator('.ecg-page__summary');

/** All rows are there. */
async function settled(page) {
  await rowsOf(page).waitFor();
  await summaryOf(page)
    .getByText(/beats: /)
    .waitFor();
  await page.waitForFunction(
    () => !document.querySelector('.ecg-page__summary').textContent.includes('Reading…'),
  );
}

/** An instant of an hour ago, on a whole minute. */
const hourAgo = () => Math.floor((Date.now() - 3_600_000) / 60_000) * 60_000;
const pathAt = (ms) => `/patients/4/ecg?at=${new Date(ms).toISOString()}`;

test('the patient’s page leads to it; every row has its trace, and beats are counted', only, () =>
  at('/patients/4', async (page) => {
    await page.getByRole('link', { name: 'ECG', exact: true }).click();
    await page.waitForURL(/patients\/4\/ecg$/);
    await settled(page);
    const text = await summaryOf(page).innerText();
    assert.match(text, /mm\/s, 5 mm\/mV\. [\d,]+ beats: [\d,]+ N, \d+ S, \d+ V\./);
    const ink = await page.locator('.ecg-rows__canvas').evaluate((canvas) => {
      const context = canvas.getContext('2d');
      const rows = Math.round(canvas.clientHeight / 46);
      const high = canvas.height / rows;
      const left = Math.round(canvas.width * 0.1);
      return Array.from({ length: rows - 1 }, (_, row) => {
        const { data } = context.getImageData(left, Math.round(row * high), 400, Math.round(high));
        let green = 0;
        for (let i = 0; i < data.length; i += 4)
          if (data[i + 3] > 60 && data[i + 1] > data[i] + 20) green += 1;
        return green;
      });
    });
    assert.ok(ink.length >= 6 && ink.every((n) => n > 200), ink.join());
  }),
);

test('arrow keys move the mark, Enter opens the strip there', only, () =>
  at(pathAt(hourAgo()), async (page) => {
    await settled(page);
    const rows = rowsOf(page);
    await rows.focus();
    const time = () => rows.getAttribute('aria-valuetext');
    const seconds = async () => Number(await rows.getAttribute('aria-valuenow'));
    assert.equal(await seconds(), 0);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('ArrowDown');
    assert.equal(await seconds(), 71);
    const told = await time();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: new RegExp(`^Strip of .*${told}`) });
    await dialog.locator('canvas').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    assert.equal(await time(), told);
  }),
);

test('a press into a row opens the strip of that instant', only, () => {
  const from = hourAgo();
  return at(pathAt(from), async (page) => {
    await settled(page);
    const box = await rowsOf(page).boundingBox();
    const margin = 68;
    const high = await rowsOf(page).evaluate(
      (rows) => rows.clientHeight / Math.floor(rows.clientHeight / 46),
    );
    const x = margin + (box.width - margin) / 2;
    await page.mouse.click(box.x + x, box.y + 2.5 * high);
    const dialog = page.getByRole('dialog', { name: /^Strip of/ });
    const time = await dialog.locator('time').innerText();
    const wanted = await page.evaluate(
      (ms) => new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' }).format(ms),
      from + 150_000,
    );
    const [shown, asked] = [time, wanted].map((text) => {
      const [, h, m, s] = /(\d\d):(\d\d):(\d\d)/.exec(text).map(Number);
      return h * 3600 + m * 60 + s;
    });
    assert.ok(Math.abs(shown - asked) <= 1, `${time}, not ${wanted}`);
  });
});

test('pages and hours by keys and buttons; to a time; now; and back to the patient', only, () => {
  const from = hourAgo();
  return at(pathAt(from), async (page) => {
    await settled(page);
    const atNow = () => new URL(page.url()).searchParams.get('at');
    const count = await rowsOf(page).evaluate((rows) => Math.floor(rows.clientHeight / 46));
    await page.keyboard.press('PageUp');
    assert.equal(Date.parse(atNow()), from - count * 60_000);
    await page.keyboard.press('PageDown');
    assert.equal(Date.parse(atNow()), from);
    await page.keyboard.press('Shift+PageUp');
    assert.equal(Date.parse(atNow()), from - 3_600_000);
    await page.getByRole('button', { name: 'An hour later' }).click();
    assert.equal(Date.parse(atNow()), from);
    await page.keyboard.press('g');
    await page.getByLabel('Time', { exact: true }).fill('2026-01-02T03:04:30');
    await page.keyboard.press('Enter');
    await page.waitForURL(/at=2026-01-02T/);
    await page.getByRole('heading', { name: /^ECG of/ }).click();
    await page.keyboard.press('Home');
    assert.equal(atNow(), null);
    await page.keyboard.press('Escape');
    await page.waitForURL(/patients\/4$/);
  });
});

test('what is shown is read, a few minutes at a time, and once', only, () => {
  const from = hourAgo();
  return at('/patients/4', async (page) => {
    const spans = [];
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.pathname !== '/api/series/raw' || url.searchParams.get('format')) return;
      spans.push([url.searchParams.get('from'), url.searchParams.get('to')].map(Number));
    });
    await page.goto(mock.url + pathAt(from));
    await settled(page);
    const count = await rowsOf(page).evaluate((rows) => Math.floor(rows.clientHeight / 46));
    const leadIn = 10_000;
    assert.equal(Math.min(...spans.map(([begin]) => begin)), from - leadIn);
    assert.equal(Math.max(...spans.map(([, end]) => end)), from + count * 60_000);
    for (const [begin, end] of spans) assert.ok(end - begin <= 300_000 + leadIn);
    const once = spans.length;
    await page.keyboard.press('PageUp');
    await settled(page);
    await page.waitForTimeout(500);
    const twice = spans.length;
    assert.ok(twice > once && spans.slice(once).every(([, end]) => end <= from));
    await page.keyboard.press('PageDown');
    await settled(page);
    await page.waitForTimeout(500);
    assert.equal(spans.length, twice, 'a page that was read is not read again');
  });
});

test('rhythms and alarms are marked, told in words, and an alarm opens its strip', only, () => {
  const iso = (ms) => new Date(ms).toISOString();
  const now = Date.now();
  mock.ward.rhythms.push({
    patient: '4',
    rhythm: 'atrial fibrillation',
    from: iso(now - 240_000),
    to: iso(now - 60_000),
  });
  return at('/patients/4/ecg', async (page) => {
    await settled(page);
    await summaryOf(page)
      .getByText(/Rhythms: Atrial fibrillation \d\d:\d\d:\d\d – /)
      .waitFor();
    await page.getByRole('button', { name: /Heart rate high 131/ }).click();
    await page.getByRole('dialog', { name: 'Strip: Heart rate high' }).locator('canvas').waitFor();
  });
});

for (const size of ['phone', 'desk'])
  for (const theme of ['dark', 'light'])
    test(`axe finds nothing on an ECG in full, ${size}, ${theme}`, only, () =>
      at(
        '/patients/4/ecg',
        async (page) => {
          await settled(page);
          assert.deepEqual(await findings(page), []);
          assert.deepEqual(await tooSmall(page, size === 'phone' ? 44 : 24), []);
        },
        { size: sizes[size], storageState: inTheme(theme, mock.url) },
      ),
    );
