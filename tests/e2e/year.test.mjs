// A year of a vital sign, as a device sends it that kept it: nothing short is averaged away.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { api, isMock, openBrowser, visit } from './browser.mjs';
import { publish } from './mqtt_publish.mjs';

const hourMs = 3_600_000;
const hours = 364 * 24;
const lowest = 71;
/** Readings a message. */
const batch = 500;

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

test(
  'one desaturation in a year is seen on the year, and found by zooming in',
  { skip: isMock && 'the mock makes its own trends' },
  async () => {
    await visit(browser, '/', async (page) => {
      const name = `year-${Date.now().toString(36)}`;
      const now = Date.now();
      const patient = (await api(page, 'POST', '/api/patients', { display_name: name })).body.id;
      const { secret } = (await api(page, 'POST', '/api/devices', { id: name })).body;
      const from = new Date(now - (hours + 1) * hourMs).toISOString();
      await api(page, 'POST', `/api/devices/${name}/attach`, { patient, from });
      const eventMs = now - 200 * 24 * hourMs;
      const kept = [
        { spo2: lowest, ts: eventMs + 60_000, stored: true },
        ...Array.from({ length: hours }, (_, n) => ({
          spo2: 95 + (n % 4),
          ts: now - (hours - n) * hourMs,
          stored: true,
        })),
      ];
      const messages = Array.from({ length: Math.ceil(kept.length / batch) }, (_, n) =>
        JSON.stringify(kept.slice(n * batch, (n + 1) * batch)),
      );
      // Its clock is looked at first: then its word for the past is taken.
      const first = JSON.stringify({ spo2: 97, ts: now });
      const topic = `vigil/${name}/telemetry`;
      await publish(process.env.VIGIL_MQTT, secret, topic, first, ...messages);
      await page.goto(new URL(`/patients/${patient}?span=31536000`, page.url()).href);
      await page
        .getByRole('img', { name: new RegExp(`^SpO₂ from .* between ${lowest} and 98 `) })
        .waitFor();
      // The band is drawn down to it: ink in the lower part of the lane, where the mean never is.
      const reaches = await page
        .locator('.trend[data-colour="pleth"] canvas')
        .evaluate((canvas) => {
          const { width, height } = canvas;
          const bottom = canvas
            .getContext('2d')
            .getImageData(width * 0.1, height * 0.7, width * 0.9, height * 0.15).data;
          let inked = 0;
          for (let i = 0; i < bottom.length; i += 4)
            if (bottom[i + 3] > 30 && bottom[i + 2] > bottom[i] + 10) inked += 1;
          return inked;
        });
      assert.ok(reaches > 0, 'the band shows the low value');
      const at = new Date(eventMs + hourMs).toISOString();
      await page.goto(new URL(`/patients/${patient}?span=7200&to=${at}`, page.url()).href);
      await page
        .getByRole('img', { name: new RegExp(`^SpO₂ from .* between ${lowest} and `) })
        .waitFor();
    });
  },
);
