// The strip of an event, in the browser: what is on the paper, to the millimetre; what is printed; the keyboard.
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
const pixelsPerMm = 96 / 25.4;

/** As if the alarm had begun so long ago. */
function agoOf(alarm, ms) {
  Object.assign(alarm, { since: new Date(Date.parse(alarm.since) - ms).toISOString() });
  mock.alarms.changed(mock.alarms.bed('4'));
  return alarm;
}

const firstAlarm = () => mock.alarms.bed('4').alarms[0];

async function openStrip(page) {
  await page.getByRole('button', { name: /^Strip of Heart rate high/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Strip: Heart rate high' });
  await dialog.locator('canvas').waitFor();
  return dialog;
}

/** Where in a row of the canvas there is ink of a colour, as CSS pixels. */
const inkIn = (canvas, { token, box }) =>
  canvas.evaluate(
    (element, { name, within }) => {
      const probe = document.createElement('span');
      probe.style.color = `var(${name})`;
      element.parentElement.append(probe);
      const [r, g, b] = getComputedStyle(probe).color.match(/\d+/g).map(Number);
      probe.remove();
      const ratio = element.width / element.clientWidth;
      const [x, y, w, h] = within.map((n) => Math.round(n * ratio));
      const { data } = element.getContext('2d').getImageData(x, y, w, h);
      const found = [];
      for (let i = 0; i < data.length; i += 4)
        if (
          Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 30 &&
          data[i + 3] > 200
        )
          found.push([(x + ((i / 4) % w)) / ratio, (y + Math.floor(i / 4 / w)) / ratio]);
      return found;
    },
    { name: token, within: box },
  );

test('a patient’s alarm opens its strip, with what crossed, and the numbers of then', only, () =>
  at('/patients/4', async (page) => {
    agoOf(firstAlarm(), 60_000);
    const dialog = await openStrip(page);
    await dialog.getByText('131 /min (limit 120 /min)').waitFor();
    await dialog.getByText('The strip is full: 10 s before, 20 s after.').waitFor();
    const numbers = dialog.getByRole('region', { name: 'At that instant' });
    await numbers.getByText(/^HR \d+ \/min$/).waitFor();
    await numbers.getByText(/^NIBP \d+\/\d+ \(\d+\) mmHg \(/).waitFor();
    const heard = await dialog.getByRole('img', { name: /^Waveforms/ }).getAttribute('aria-label');
    assert.match(heard, /25 mm\/s, ECG 10 mm\/mV\. ECG II: without a gap ECG I: .* ECG V: /);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  }),
);

test('the grid and the trace are where their millimetres say', only, () =>
  at('/patients/4', async (page) => {
    agoOf(firstAlarm(), 60_000);
    const dialog = await openStrip(page);
    const canvas = dialog.locator('canvas');
    await page.waitForTimeout(300);
    const box = await canvas.boundingBox();
    // A row of the paper between two fine lines, in the margin and beyond: bold lines stand 5 mm apart.
    const y = 1.5 * pixelsPerMm;
    const bold = await inkIn(canvas, { token: '--paper-bold', box: [60, y, box.width - 60, 1] });
    const xs = [...new Set(bold.map(([x]) => Math.round(x)))].sort((a, b) => a - b);
    assert.ok(xs.length > 20, `${xs.length} bold lines`);
    const apart = xs.slice(1).map((x, i) => x - xs[i]);
    for (const one of apart.slice(0, 20))
      assert.ok(Math.abs(one - 5 * pixelsPerMm) <= 1, `bold lines ${one} px apart`);
    const trace = await inkIn(canvas, {
      token: '--wave-ecg',
      box: [60, 5 * pixelsPerMm, box.width - 60, 20 * pixelsPerMm],
    });
    const ys = trace.map(([, high]) => high);
    const swing = (Math.max(...ys) - Math.min(...ys)) / pixelsPerMm;
    // R of 1.1 mV over S of 0.26 mV, at 10 mm/mV.
    assert.ok(swing > 11 && swing < 19, `the trace is ${swing} mm high`);
  }),
);

test('what was not sampled is a gap, and is told', only, () =>
  at('/patients/4', async (page) => {
    const alarm = agoOf(firstAlarm(), 60_000);
    const from = Date.parse(alarm.since) + 2000;
    mock.ward.holes.push({ patient: '4', metric: 'ecg_ii', from, to: from + 3000 });
    const dialog = await openStrip(page);
    await dialog.getByRole('img', { name: /ECG II: 1 gap, 3 s ECG I: without a gap/ }).waitFor();
    const canvas = dialog.locator('canvas');
    await page.waitForTimeout(300);
    const eventX = await dialog
      .locator('.ecg-paper__event')
      .evaluate((mark) => mark.offsetLeft - mark.closest('.ecg-paper').scrollLeft);
    const left = eventX + 2.1 * 25 * pixelsPerMm;
    const ink = (x) =>
      inkIn(canvas, {
        token: '--wave-ecg',
        box: [x, 5 * pixelsPerMm, 2.8 * 25 * pixelsPerMm, 20 * pixelsPerMm],
      });
    assert.equal((await ink(left)).length, 0);
    assert.ok((await ink(left + 3 * 25 * pixelsPerMm)).length > 50);
  }),
);

test('speed and gain are chosen, and what happened stays in sight', only, () =>
  at('/patients/4', async (page) => {
    agoOf(firstAlarm(), 60_000);
    const dialog = await openStrip(page);
    const long = dialog.locator('.ecg-paper__length');
    const before = (await long.boundingBox()).width;
    await dialog.getByLabel('Speed').selectOption('50');
    await dialog.getByLabel('Gain').selectOption('20');
    await dialog.getByRole('img', { name: /50 mm\/s, ECG 20 mm\/mV/ }).waitFor();
    const wide = (await long.boundingBox()).width;
    assert.ok(Math.abs(wide - before - (750 + 5) * pixelsPerMm) < 4, `${before} to ${wide} px`);
    await dialog.getByText('Bedside monitor 04 · 20 mm/mV').first().waitFor();
    const [mark, paper] = await Promise.all([
      dialog.locator('.ecg-paper__event').boundingBox(),
      dialog.locator('.ecg-paper').boundingBox(),
    ]);
    assert.ok(mark.x > paper.x && mark.x < paper.x + paper.width);
  }),
);

test('a strip of just now fills up, and says so', only, () =>
  at('/patients/4', async (page) => {
    const fresh = { condition: 'asystole', words: 'Asystole', priority: 'high' };
    mock.alarms.raise('4', fresh);
    await page.getByRole('button', { name: /^Strip of Asystole/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Strip: Asystole' });
    await dialog.getByText(/Filling up: \d+ seconds to come/).waitFor();
    // The alarm ends; what is being looked at stays.
    mock.alarms.end(mock.alarms.bed('4').alarms.find((one) => one.words === 'Asystole').id);
    await dialog.getByText('The strip is full').waitFor();
    await dialog.getByRole('img', { name: /ECG II: without a gap/ }).waitFor();
  }),
);

test('a row of the history opens its strip', only, () =>
  at('/alarms', async (page) => {
    await page
      .getByRole('button', { name: /^Strip of Heart rate high/ })
      .first()
      .click();
    const dialog = page.getByRole('dialog', { name: 'Strip: Heart rate high' });
    await dialog.locator('canvas').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'hidden' });
  }),
);

test('beats are marked by their class, and told', only, () =>
  at('/patients/4', async (page) => {
    agoOf(firstAlarm(), 60_000);
    const dialog = await openStrip(page);
    await dialog.getByText(/^\d+ beats: \d+ N/).waitFor();
    await page.emulateMedia({ media: 'print' });
    const letters = await page
      .locator('.ecg-print__row text')
      .evaluateAll((all) => all.filter((one) => one.textContent === 'N').length);
    assert.ok(letters > 20, `${letters} letters`);
  }),
);

test(
  'calipers are moved by keys and by a drag, tell what lies between, and Escape puts them away',
  only,
  () =>
    at('/patients/4', async (page) => {
      agoOf(firstAlarm(), 60_000);
      const dialog = await openStrip(page);
      await dialog.getByRole('button', { name: 'Calipers' }).click();
      const told = dialog.locator('.strip__measured');
      assert.match(await told.innerText(), /^1,000 ms · 60 \/min · [+−]?\d.* mV \(ECG II\)$/);
      const first = dialog.getByRole('slider', { name: 'First line of the calipers' });
      const second = dialog.getByRole('slider', { name: 'Second line of the calipers' });
      assert.ok(await first.evaluate((line) => line === document.activeElement));
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Shift+ArrowRight');
      await told.getByText(/^956 ms · 63 \/min/).waitFor();
      await page.keyboard.press('ArrowDown');
      await told.getByText(/\(ECG I\)$/).waitFor();
      const box = await second.boundingBox();
      const [x, y] = [box.x + box.width / 2, box.y + 60];
      await page.mouse.move(x, y);
      await page.mouse.down();
      // 10 mm at 25 mm/s are 400 ms.
      await page.mouse.move(x + 10 * pixelsPerMm, y, { steps: 4 });
      await page.mouse.up();
      const ms = Number(/^[\d,]+/.exec(await told.innerText())[0].replace(',', ''));
      assert.ok(Math.abs(ms - 1356) < 20, `${ms} ms`);
      await page.waitForTimeout(300);
      assert.deepEqual(await findings(page), []);
      await page.keyboard.press('Escape');
      await told.waitFor({ state: 'hidden' });
      assert.equal(await dialog.isVisible(), true);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
    }),
);

test('printed, the strip is one sheet with patient, lead, time, speed and gain', only, () =>
  at('/patients/4', async (page) => {
    agoOf(firstAlarm(), 60_000);
    const dialog = await openStrip(page);
    for (const speed of ['12.5', '25', '50']) {
      await dialog.getByLabel('Speed').selectOption(speed);
      await page.waitForTimeout(200);
      const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
      const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length;
      assert.equal(pages, 1, `${pages} sheets at ${speed} mm/s`);
    }
    await page.emulateMedia({ media: 'print' });
    const sheet = await page.locator('.ecg-print').innerText();
    for (const text of ['MRN-4148', 'Heart rate high 131', 'ECG II', '50 mm/s, 10 mm/mV'])
      assert.ok(sheet.includes(text), `${text} in ${sheet}`);
    const [row] = await page
      .locator('.ecg-print__row')
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width));
    // Five seconds at 50 mm/s behind the calibration mark's margin.
    assert.ok(Math.abs(row / pixelsPerMm - 265) < 0.5, `${row / pixelsPerMm} mm`);
  }),
);

for (const size of ['phone', 'desk'])
  for (const theme of ['dark', 'light'])
    test(`axe finds nothing on a strip, ${size}, ${theme}`, only, () =>
      at(
        '/patients/4',
        async (page) => {
          agoOf(firstAlarm(), 60_000);
          await openStrip(page);
          await page.waitForTimeout(500);
          assert.deepEqual(await findings(page), []);
          assert.deepEqual(await tooSmall(page, size === 'phone' ? 44 : 24), []);
        },
        { size: sizes[size], storageState: inTheme(theme, mock.url) },
      ),
    );
