import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { api, openBrowser, sizes, visit } from './browser.mjs';

let browser;
let patient;
before(async () => {
  browser = await openBrowser();
  await visit(browser, '/', async (page) => {
    await page.locator('.bed-tile').first().waitFor();
    const { body } = await api(page, 'GET', '/api/ward');
    patient = body.beds[0].patient;
  });
});
after(() => browser.close());

const path = () => `/patients/${encodeURIComponent(patient.id)}`;

test('a patient is shown by name, with waveforms, vital signs and devices', async () => {
  await visit(browser, path(), async (page) => {
    await page
      .getByRole('heading', {
        level: 1,
        name: new RegExp(patient.display_name),
      })
      .waitFor();
    await page.getByRole('button', { name: /^HR \d+ \/min, now/ }).waitFor();
    await page.getByRole('img', { name: /Live waveforms: .*II/ }).waitFor();
    await page.getByRole('heading', { level: 2, name: 'Devices', exact: true }).waitFor();
  });
});

test('a value says which device it came from, when, and in which message', async () => {
  await visit(browser, path(), async (page) => {
    await page.getByRole('button', { name: /^HR \d+/ }).press('Enter');
    const panel = page.getByRole('region', { name: 'Where it comes from' });
    await panel.getByText('Log position').waitFor();
    await panel.getByText('Topic').waitFor();
    const text = await panel.innerText();
    for (const line of ['As sent', 'Device', 'Measured', 'Received', 'Raw message', 'Bytes'])
      assert.ok(text.includes(line), `${line} is missing`);
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });
  });
});

test('the timeline draws every span from a minute to a year', async () => {
  await visit(browser, path(), async (page) => {
    const lane = page.getByRole('img', { name: /^HR from / }).first();
    for (const span of ['1 min', '10 min', '1 h', '6 h', '24 h', '7 days', '30 days', '1 year']) {
      await page.getByRole('button', { name: span, exact: true }).click();
      await page.waitForTimeout(600);
      await lane.waitFor();
      assert.match(await lane.getAttribute('aria-label'), /between \d/, span);
    }
  });
});

test('the address holds the view: a link shows a colleague the same', async () => {
  await visit(browser, path(), async (page) => {
    await page
      .getByRole('img', { name: /^HR from / })
      .first()
      .waitFor();
    await page.keyboard.press('5');
    await page.keyboard.press('ArrowLeft');
    const { searchParams } = new URL(page.url());
    assert.equal(searchParams.get('span'), '86400');
    assert.ok(Date.parse(searchParams.get('to')) < Date.now() - 5 * 3_600_000);
    await page.reload();
    const pressed = page.getByRole('button', {
      name: '24 h',
      exact: true,
      pressed: true,
    });
    await pressed.waitFor();
    await page.keyboard.press('Home');
    assert.equal(new URL(page.url()).searchParams.get('to'), null);
    await page.keyboard.press('+');
    assert.equal(new URL(page.url()).searchParams.get('span'), '43200');
  });
});

test('the wheel zooms where the pointer is, dragging moves', async () => {
  await visit(browser, path(), async (page) => {
    const lane = page.locator('.trend__chart').first();
    await lane.waitFor();
    const box = await lane.boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.wheel(0, -300);
    await page.waitForFunction(() => location.search.includes('span='));
    const span = Number(new URL(page.url()).searchParams.get('span'));
    assert.ok(span < 3600 && span > 1000, `${span}`);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 200, box.y + box.height / 2, {
      steps: 4,
    });
    await page.mouse.up();
    const to = Date.parse(new URL(page.url()).searchParams.get('to'));
    assert.ok(to < Date.now(), 'the view has moved back');
  });
});

test('the cursor reads the same moment in every lane', async () => {
  await visit(browser, path(), async (page) => {
    // A minute: the ward may be no older than that.
    await page.getByRole('button', { name: '1 min', exact: true }).click();
    const charts = page.locator('.trend__chart .u-over');
    await charts.nth(1).waitFor();
    const box = await charts.first().boundingBox();
    await page.mouse.move(box.x + box.width * 0.9, box.y + box.height / 2);
    await page.waitForFunction(() => {
      const values = [...document.querySelectorAll('.trend__values')];
      return values.filter((value) => /\d/.test(value.textContent)).length >= 2;
    });
  });
});

test('a trend can be taken along as CSV, with all that its lane shows', async () => {
  await visit(browser, path(), async (page) => {
    const link = page.getByRole('link', { name: /Download (ABP|NIBP) as CSV/ }).first();
    await link.waitFor();
    const asked = new URL(await link.getAttribute('href'), page.url());
    assert.equal(asked.pathname, '/api/series/raw');
    const parts = asked.searchParams.getAll('metric');
    assert.deepEqual(
      parts.map((part) => part.split('_')[1]),
      ['sys', 'mean', 'dia'],
    );
    const downloading = page.waitForEvent('download');
    await link.click();
    const download = await downloading;
    assert.match(download.suggestedFilename(), /^(abp|nibp)\.csv$/);
    const [header, ...rows] = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n');
    const column = header.split(',').indexOf('metric');
    assert.deepEqual([...new Set(rows.map((row) => row.split(',')[column]))].sort(), parts.sort());
  });
});

test('units by the viewer’s convention, and the value as sent beside it', async () => {
  await visit(browser, path(), async (page) => {
    const temperature = page.getByRole('button', { name: /^(Temp|Core)/ }).first();
    await temperature.waitFor();
    assert.match(await temperature.innerText(), /°C/);
    await page.getByRole('button', { name: /Administrator|admin/i }).click();
    await page.getByLabel('Temperature').selectOption('[degF]');
    await page.keyboard.press('Escape');
    await page
      .getByRole('button', { name: /^(Temp|Core) .*°F/ })
      .first()
      .click();
    const panel = page.getByRole('region', { name: 'Where it comes from' });
    assert.match(await panel.innerText(), /As sent[\s\S]*°C[\s\S]*Shown as[\s\S]*°F/);
  });
});

test('on a phone it is one column that does not scroll sideways', async () => {
  await visit(
    browser,
    path(),
    async (page) => {
      await page.getByRole('button', { name: /^HR \d+/ }).waitFor();
      const { clientWidth, scrollWidth } = await page.evaluate(() => document.documentElement);
      assert.equal(scrollWidth, clientWidth);
    },
    { size: sizes.phone },
  );
});

test('a patient who is not there is said not to be there', async () => {
  await visit(browser, '/patients/999999', async (page) => {
    await page.getByRole('alert').waitFor();
  });
});
