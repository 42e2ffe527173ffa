// Alarms on a patient's timeline: by shape and colour, together where they would lie over each other, each the way
// to its strip.
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

/** On record, so many minutes ago. */
function began(minutesAgo, more) {
  const alarm = mock.alarms.raise('4', more);
  mock.alarms.end(alarm.id);
  const event = mock.alarms.events.find((one) => one.alarm === alarm.id && one.type === 'onset');
  event.time = new Date(Date.now() - minutesAgo * 60_000).toISOString();
}

const desaturation = { condition: 'spo2_low', words: 'SpO2 low', value: '84', limit: '90' };
const asystole = { condition: 'asystole', words: 'Asystole', priority: 'high' };
const noise = { condition: 'ecg_noise', words: 'ECG noise', priority: 'low' };

function several() {
  began(40, { ...desaturation, unit_shown: '%' });
  began(25.2, noise);
  began(25.1, asystole);
  began(25, noise);
  mock.alarms.events.sort((a, b) => b.time.localeCompare(a.time));
}

test('an alarm on the timeline opens its strip; those at one place are one mark', only, () => {
  several();
  return at('/patients/4', async (page) => {
    const lane = page.getByRole('group', { name: '5 alarms began in this time' });
    const one = lane.getByRole('button', {
      name: /^Medium priority: SpO₂ low 84 % \(limit 90 %\), /,
    });
    await one.waitFor();
    const many = lane.getByRole('button', { name: /^3 alarms near .* urgent: High priority$/ });
    assert.equal(await many.getAttribute('data-priority'), 'high');
    const [early, late, width] = await Promise.all([
      one.boundingBox(),
      many.boundingBox(),
      lane.boundingBox(),
    ]);
    // Fifteen of the sixty minutes that are shown.
    const apart = (late.x + late.width / 2 - early.x - early.width / 2) / width.width;
    assert.ok(Math.abs(apart - 0.248) < 0.01, `${apart} of the lane apart`);
    await one.click();
    await page.getByRole('dialog', { name: 'Strip: SpO₂ low' }).waitFor();
    await page.keyboard.press('Escape');
    await many.click();
    const list = page.getByRole('dialog', { name: '3 alarms' });
    assert.equal(await list.getByRole('listitem').count(), 3);
    await list.getByRole('button', { name: /Asystole/ }).click();
    await page.getByRole('dialog', { name: 'Strip: Asystole' }).waitFor();
  });
});

for (const size of ['phone', 'desk'])
  for (const theme of ['dark', 'light'])
    test(`axe finds nothing on a timeline with alarms, ${size}, ${theme}`, only, () => {
      several();
      return at(
        '/patients/4',
        async (page) => {
          await page.locator('.alarm-lane__mark').nth(1).waitFor();
          await page.waitForTimeout(500);
          assert.deepEqual(await findings(page), []);
          assert.deepEqual(await tooSmall(page, size === 'phone' ? 44 : 24), []);
        },
        { size: sizes[size], storageState: inTheme(theme, mock.url) },
      );
    });
