import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startMock } from '../../web/mock/server.mjs';
import { api, isMock, openBrowser, password, sizes, visit } from './browser.mjs';

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

/** The pixels of the first waveform canvas that is being drawn. */
const inkOf = (page) =>
  page.evaluate(() => {
    const canvases = [...document.querySelectorAll('canvas.waves__canvas')];
    const sums = canvases.map((canvas) => {
      if (canvas.width === 0) return { ink: 0, hash: 0 };
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let ink = 0;
      let hash = 0;
      for (let i = 3; i < data.length; i += 4)
        if (data[i] > 0) {
          ink += 1;
          hash = (hash * 31 + i) | 0;
        }
      return { ink, hash };
    });
    return sums.sort((a, b) => b.ink - a.ink)[0];
  });

async function waitForWaves(page) {
  await page.waitForFunction(() => document.querySelector('.lane') !== null);
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await inkOf(page)).ink > 100) return;
    await page.waitForTimeout(250);
  }
  assert.fail('no waveform is drawn');
}

test('every bed has its tile, in the order of the ward', async () => {
  await visit(browser, '/', async (page) => {
    await page.locator('.bed-tile').first().waitFor();
    const { body } = await api(page, 'GET', '/api/ward');
    const shown = await page.locator('.bed-tile__bed').allInnerTexts();
    assert.deepEqual(
      shown,
      body.beds.map((bed) => bed.bed),
    );
  });
});

test('a tile tells a heart rate with its unit and its age', async () => {
  await visit(browser, '/', async (page) => {
    const heartRate = page.getByRole('img', { name: /^HR \d+ \/min, now/ }).first();
    await heartRate.waitFor();
    assert.match(await heartRate.innerText(), /^HR \/min\s+now\s+\d+$/);
  });
});

test('waveforms sweep: there is ink, and it moves', async () => {
  await visit(browser, '/', async (page) => {
    await waitForWaves(page);
    const before = await inkOf(page);
    await page.waitForTimeout(700);
    const after = await inkOf(page);
    assert.notEqual(after.hash, before.hash);
  });
});

test('the ward fits the wall without scrolling, and scrolls in one column on a phone', async () => {
  await visit(
    browser,
    '/',
    async (page) => {
      await page.locator('.bed-tile').first().waitFor();
      const { clientHeight, scrollHeight } = await page.evaluate(() => document.documentElement);
      assert.equal(scrollHeight, clientHeight);
      for (const tile of await page.locator('.bed-tile').all()) {
        const box = await tile.boundingBox();
        assert.ok(box.y + box.height <= sizes.wall.height, 'a tile is cut off');
      }
    },
    { size: sizes.wall },
  );
  await visit(
    browser,
    '/',
    async (page) => {
      await page.locator('.bed-tile').first().waitFor();
      const lefts = new Set();
      for (const tile of await page.locator('.bed-tile').all())
        lefts.add((await tile.boundingBox()).x);
      assert.equal(lefts.size, 1);
      const { clientWidth, scrollWidth } = await page.evaluate(() => document.documentElement);
      assert.equal(scrollWidth, clientWidth);
    },
    { size: sizes.phone },
  );
});

/** Words and numbers of a tile that lie over each other, or outside it. */
const overlaps = (page) =>
  page.evaluate(() => {
    const written =
      '.bed-tile__link, .bed-tile__notice, .lane__name, .lane__silent, .numeric__name, .numeric__age, .mark, .numeric__value';
    const found = [];
    for (const tile of document.querySelectorAll('.bed-tile')) {
      const inside = tile.getBoundingClientRect();
      const boxes = [...tile.querySelectorAll(written)]
        .filter((element) => element.getClientRects().length > 0)
        .map((element) => {
          // The text itself: a line is higher than its digits.
          const range = document.createRange();
          range.selectNodeContents(element);
          const { left, right, top, bottom } = range.getBoundingClientRect();
          const air = (bottom - top) * 0.15;
          return { text: element.innerText, left, right, top: top + air, bottom: bottom - air };
        });
      boxes.forEach((a, i) => {
        if (a.right > inside.right + 1 || a.bottom > inside.bottom + 1) found.push(`${a.text} out`);
        for (const b of boxes.slice(i + 1))
          if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
            found.push(`${a.text} | ${b.text}`);
      });
    }
    return found;
  });

for (const [beds, width, height, language] of [
  [48, 1920, 1080, 'en'],
  [48, 1920, 1080, 'de'],
  [24, 1920, 1080, 'de'],
  [48, 3840, 2160, 'de'],
])
  test(
    `${beds} beds on ${width}×${height}, ${language}: no word lies over another`,
    { skip: !isMock },
    async () => {
      const mock = await startMock({ beds, password });
      try {
        await visit(
          browser,
          '/',
          async (page) => {
            await page.evaluate((words) => {
              localStorage.setItem('vigil.preferences', JSON.stringify({ language: words }));
            }, language);
            await page.reload();
            await page
              .locator('.bed-tile')
              .nth(beds - 1)
              .waitFor();
            // A slow machine comes too late for the waveform that stopped before the ward opened.
            const silent = page.locator('.lane__silent').first();
            await silent.waitFor({ timeout: 5000 }).catch(() => undefined);
            await page.locator('.bed-tile [data-look="absent"]').nth(3).waitFor();
            await page.locator('.bed-tile [data-words="true"]').nth(1).waitFor();
            assert.deepEqual(await overlaps(page), []);
          },
          { size: { width, height }, at: mock.url },
        );
      } finally {
        await mock.stop();
      }
    },
  );

test('names give way to initials, by button and by key', async () => {
  await visit(browser, '/', async (page) => {
    const first = page.locator('.bed-tile__name').first();
    await first.waitFor();
    const name = await first.innerText();
    await page.getByRole('button', { name: 'Hide names' }).click();
    assert.ok((await first.innerText()).length <= 4);
    await page.keyboard.press('i');
    assert.equal(await first.innerText(), name);
  });
});

test('the keyboard walks over the beds and opens one', async () => {
  await visit(browser, '/', async (page) => {
    await page.locator('.bed-tile').nth(1).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const bed = await page.evaluate(() => document.activeElement.textContent);
    assert.equal(
      bed,
      await page
        .locator('.bed-tile__link')
        .nth(1)
        .innerText()
        .then((text) => text.replace(/\s*\n\s*/, '')),
    );
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/patients\//);
    await page.getByRole('button', { name: /^HR/ }).first().waitFor();
    await page.keyboard.press('Escape');
    await page.waitForURL((where) => where.pathname === '/');
  });
});

test('the question mark shows the keys; single keys can be switched off', async () => {
  await visit(browser, '/', async (page) => {
    await page.locator('.bed-tile').first().waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('d');
    await page.waitForURL(/\/devices$/);
    await page.getByRole('button', { name: /Administrator|admin/i }).click();
    await page.getByLabel('Single-key shortcuts').uncheck();
    await page.keyboard.press('Escape');
    await page.keyboard.press('q');
    await page.waitForTimeout(200);
    assert.match(page.url(), /\/devices$/);
  });
});

test('dark where people monitor, light at the desk, and as the viewer likes', async () => {
  await visit(browser, '/', async (page) => {
    const themed = (name) =>
      page.waitForFunction((theme) => document.documentElement.dataset.theme === theme, name);
    await page.locator('.bed-tile').first().waitFor();
    await themed('dark');
    await page.keyboard.press('s');
    await page.getByRole('heading', { name: 'System' }).waitFor();
    await themed('light');
    await page.keyboard.press('t');
    await themed('dark');
  });
});

test('another language and its way of writing numbers', async () => {
  await visit(browser, '/', async (page) => {
    await page.locator('.bed-tile').first().waitFor();
    await page.getByRole('button', { name: /Administrator|admin/i }).click();
    await page.getByLabel('Language').selectOption('de');
    await page.getByRole('dialog', { name: 'Einstellungen' }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'de');
  });
});
