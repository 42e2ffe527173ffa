// Nothing on the screen may look live that is not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, visit } from './browser.mjs';

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

test('a lost connection turns the whole frame grey, says so, and heals without loss', async () => {
  let cut = () => undefined;
  let isCut = false;
  const cursors = [];
  const resumes = [];
  const live = (socket) => {
    if (isCut) {
      socket.close({ code: 1001 });
      return;
    }
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      resumes.push(JSON.parse(message).resume);
      server.send(message);
    });
    server.onMessage((message) => {
      if (typeof message === 'string' && !isCut) cursors.push(JSON.parse(message).cursor);
      socket.send(message);
    });
    cut = () => {
      isCut = true;
      socket.close({ code: 1001 });
      server.close();
    };
  };
  await visit(
    browser,
    '/',
    async (page) => {
      await page
        .getByRole('img', { name: /^HR \d+/ })
        .first()
        .waitFor();
      await page.waitForTimeout(1500);
      assert.equal(await page.evaluate(() => document.documentElement.dataset.connection), 'held');
      const lastCursor = cursors.filter(Boolean).at(-1);
      cut();
      const banner = page.getByRole('alert');
      await banner.waitFor();
      assert.match(await banner.innerText(), /Connection to the server lost/);
      assert.equal(await page.evaluate(() => document.documentElement.dataset.connection), 'lost');
      const filter = await page
        .locator('.shell')
        .evaluate((shell) => getComputedStyle(shell).filter);
      assert.equal(filter, 'grayscale(1)');
      isCut = false;
      await banner.waitFor({ state: 'hidden' });
      assert.equal(resumes.at(-1), lastCursor);
    },
    { live },
  );
});

test('a server that falls silent counts as lost, though the line still stands', async () => {
  let silent = false;
  const live = (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => server.send(message));
    server.onMessage((message) => {
      if (!silent) socket.send(message);
    });
  };
  await visit(
    browser,
    '/',
    async (page) => {
      await page
        .getByRole('img', { name: /^HR \d+/ })
        .first()
        .waitFor();
      silent = true;
      await page.getByRole('alert').waitFor();
    },
    { live },
  );
});

test('a value that stops coming is dimmed, then struck to an outline with its age', async () => {
  let stopped = false;
  const live = (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => server.send(message));
    server.onMessage((message) => {
      if (!stopped || typeof message !== 'string') return socket.send(message);
      const frame = JSON.parse(message);
      if (frame.type === 'readings') frame.readings = [];
      return socket.send(JSON.stringify(frame));
    });
  };
  await visit(
    browser,
    '/',
    async (page) => {
      const tile = page.locator('.numeric[data-look="fresh"]', { hasText: 'HR' }).first();
      await tile.waitFor();
      const bed = page.locator('.bed-tile', { has: tile }).first();
      const bedName = await bed.getAttribute('aria-label');
      const heartRate = page.locator(`.bed-tile[aria-label="${bedName}"] .numeric`).first();
      // Every look it takes on, in order, however slow this machine is.
      await heartRate.evaluate((element) => {
        globalThis.looks = [element.dataset.look];
        new MutationObserver(() => globalThis.looks.push(element.dataset.look)).observe(element, {
          attributeFilter: ['data-look'],
        });
      });
      stopped = true;
      await page.waitForFunction(() => globalThis.looks.includes('absent'));
      const looks = await page.evaluate(() => globalThis.looks);
      assert.deepEqual([...new Set(looks)], ['fresh', 'stale', 'absent']);
      assert.match(await heartRate.getAttribute('aria-label'), /no data since/);
      const colour = await heartRate
        .locator('.numeric__value')
        .evaluate((value) => getComputedStyle(value).color);
      assert.equal(colour, 'rgba(0, 0, 0, 0)');
    },
    { live },
  );
});

test('a waveform that stops leaves a gap that grows until nothing is left', async () => {
  let stopped = false;
  const live = (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => server.send(message));
    server.onMessage((message) => {
      if (stopped && typeof message !== 'string') return;
      socket.send(message);
    });
  };
  await visit(
    browser,
    '/',
    async (page) => {
      const ink = () =>
        page.evaluate(() => {
          let sum = 0;
          for (const canvas of document.querySelectorAll('canvas.waves__canvas')) {
            if (canvas.width === 0) continue;
            const { data } = canvas
              .getContext('2d')
              .getImageData(0, 0, canvas.width, canvas.height);
            for (let i = 3; i < data.length; i += 4) if (data[i] > 0) sum += 1;
          }
          return sum;
        });
      for (let tries = 0; tries < 200 && (await ink()) < 1000; tries += 1)
        await page.waitForTimeout(250);
      const full = await ink();
      assert.ok(full > 1000, 'waveforms are drawn');
      stopped = true;
      let left = full;
      for (let tries = 0; tries < 300 && left > 0; tries += 1) {
        await page.waitForTimeout(250);
        left = await ink();
      }
      assert.equal(left, 0);
      await page.getByText('no signal').first().waitFor();
    },
    { live },
  );
});
