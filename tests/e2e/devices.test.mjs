import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { api, isMock, openBrowser, sizes, visit } from './browser.mjs';
import { publish } from './mqtt_publish.mjs';

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const unique = (name) => `${name}-${Date.now().toString(36)}`;

async function register(page, id) {
  await page.getByLabel('Device id').fill(id);
  await page.getByRole('button', { name: 'Register' }).click();
  const dialog = page.getByRole('dialog', { name: /Credential of/ });
  await dialog.waitFor();
  const secret = await dialog.getByRole('region', { name: 'MQTT password' }).innerText();
  await page.getByRole('button', { name: 'I have copied it' }).click();
  await dialog.waitFor({ state: 'hidden' });
  return secret;
}

test('a registered device shows its credential once, and never again', async () => {
  await visit(browser, '/devices', async (page) => {
    const id = unique('pump');
    const secret = await register(page, id);
    assert.ok(secret.length >= 16);
    await page.getByRole('row', { name: new RegExp(id) }).waitFor();
    assert.equal((await page.content()).includes(secret), false);
    await page.reload();
    await page.getByRole('row', { name: new RegExp(id) }).waitFor();
    assert.equal((await page.content()).includes(secret), false);
  });
});

test('an id that is taken is refused in words', async () => {
  await visit(browser, '/devices', async (page) => {
    const id = unique('twice');
    await register(page, id);
    await page.getByLabel('Device id').fill(id);
    await page.getByRole('button', { name: 'Register' }).click();
    await page.getByRole('status').filter({ hasText: id }).waitFor();
  });
});

test('a device is attached to a patient, and detached again', async () => {
  await visit(browser, '/devices', async (page) => {
    const id = unique('cuff');
    await register(page, id);
    const row = page.getByRole('row', { name: new RegExp(id) });
    await row.getByRole('button', { name: 'Attach' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Patient').selectOption({ index: 1 });
    await dialog.getByRole('button', { name: 'Attach now' }).click();
    await page.getByText(`${id} is attached to`).waitFor();
    await row.getByRole('button', { name: /Detach/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Detach now' }).click();
    await page.getByText(`${id} is detached`).waitFor();
    await row.getByText('nobody').waitFor();
  });
});

test('a device is attached by keyboard alone', async () => {
  await visit(browser, '/devices', async (page) => {
    const id = unique('keys');
    await register(page, id);
    const row = page.getByRole('row', { name: new RegExp(id) });
    await row.getByRole('button', { name: 'Attach' }).press('Enter');
    // The dialog opens on the one question it asks.
    await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'patient');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText(`${id} is attached to`).waitFor();
  });
});

test('a device that sends through a gateway gets no credential', async () => {
  await visit(browser, '/devices', async (page) => {
    const id = unique('strap');
    await page.getByLabel('Device id').fill(id);
    await page.getByLabel('Sends through').selectOption({ index: 1 });
    assert.equal(await page.getByLabel('Credential').isDisabled(), true);
    await page.getByRole('button', { name: 'Register' }).click();
    await page.getByText(`${id} is registered.`).waitFor();
    await page.getByRole('row', { name: new RegExp(id) }).waitFor();
  });
});

test('a clock that is wrong is set from the list', { skip: !isMock }, async () => {
  await visit(browser, '/devices', async (page) => {
    const row = page.getByRole('row', { name: /monitor-06/ });
    await row.getByText('12 min fast').waitFor();
    await row.getByRole('button', { name: 'Set clock of Bedside monitor 06' }).click();
    await page.getByText('Bedside monitor 06 was told the time.').waitFor();
    await row.getByText('good').waitFor();
    assert.equal(await row.getByRole('button', { name: /Set clock/ }).count(), 0);
  });
});

test('a device that is not there says when it was last heard', { skip: !isMock }, async () => {
  await visit(browser, '/devices', async (page) => {
    const row = page.getByRole('row', { name: /monitor-05/ });
    await row.getByText(/^disconnected \d+ min/).waitFor();
    await row.getByText(/last message \d/).waitFor();
  });
});

const lists = {
  '/patients': 'tbody tr',
  '/devices': 'tbody tr',
  '/quarantine': 'main .table, main .empty',
  '/status': 'tbody tr',
};

for (const [path, selector] of Object.entries(lists))
  test(`on a phone ${path} is read without scrolling sideways, and is a table still`, async () => {
    await visit(
      browser,
      path,
      async (page) => {
        await page.locator(selector).first().waitFor();
        const wide = await page.evaluate(() =>
          [document.documentElement, ...document.querySelectorAll('main .table, main .card')]
            .filter((box) => box.scrollWidth > box.clientWidth)
            .map((box) => box.outerHTML.slice(0, 120)),
        );
        assert.deepEqual(wide, []);
        for (const row of await page
          .getByRole('row')
          .filter({ has: page.getByRole('cell') })
          .all())
          assert.ok((await row.getByRole('cell').count()) >= 1);
      },
      { size: sizes.phone },
    );
  });

test('on a phone a message stands in the place of its list, and gives it back', async () => {
  await visit(
    browser,
    '/quarantine',
    async (page) => {
      if (!isMock) {
        const id = unique('phone');
        const { body } = await api(page, 'POST', '/api/devices', { id });
        await publish(process.env.VIGIL_MQTT, body.secret, `vigil/${id}/telemetry`, '{"heart_');
        await page.reload();
      }
      const links = page.getByRole('link', { name: /Show the message from/ });
      await links.first().click();
      const heading = page.getByRole('heading', { name: 'Message', exact: true });
      await heading.waitFor();
      await page.waitForFunction(() => document.activeElement?.tagName === 'H2');
      await links.first().waitFor({ state: 'hidden' });
      await page.getByRole('link', { name: 'All messages' }).click();
      await links.first().waitFor();
      await heading.waitFor({ state: 'hidden' });
    },
    { size: sizes.phone },
  );
});

test('a list can be sorted by its columns', async () => {
  await visit(browser, '/devices', async (page) => {
    const names = async () => page.locator('tbody th code').allInnerTexts();
    await page.getByRole('button', { name: 'Device', exact: true }).click();
    const up = await names();
    await page
      .getByRole('button', { name: /^Device/ })
      .first()
      .click();
    assert.deepEqual(await names(), [...up].reverse());
  });
});

test('a patient is admitted to a bed and appears on the ward', async () => {
  await visit(browser, '/patients', async (page) => {
    const name = unique('Test Person');
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByLabel('Unit', { exact: true }).fill('Test unit');
    await page.getByLabel('Bed', { exact: true }).fill(unique('T').slice(-6));
    await page.getByRole('button', { name: 'Admit' }).click();
    await page.getByText(`${name} is admitted.`).waitFor();
    await page.getByRole('link', { name }).waitFor();
  });
});

test('what cannot be read is shown with its reason and bytes, and can be dismissed', async () => {
  await visit(browser, '/quarantine', async (page) => {
    if (!isMock) {
      const id = unique('broken');
      const { body } = await api(page, 'POST', '/api/devices', { id });
      const topic = `vigil/${id}/telemetry`;
      await publish(process.env.VIGIL_MQTT, body.secret, topic, '{"heart_rate": 72, "ts": "never"');
      await page.reload();
    }
    const first = page.getByRole('link', { name: /Show the message from/ }).first();
    await first.click();
    const item = page.getByRole('region', { name: 'Message', exact: true });
    await item.getByRole('region', { name: 'Bytes' }).waitFor();
    assert.match(await item.innerText(), /0000 {2}[0-9a-f]{2} /);
    await item.getByLabel('Why (optional)').fill('a test');
    await item.getByRole('button', { name: 'Dismiss' }).click();
    await page.getByText('Dismissed.').waitFor();
    await page.getByRole('button', { name: /^Dismissed \(\d+\)/ }).click();
    await page
      .getByRole('link', { name: /Show the message from/ })
      .first()
      .waitFor();
  });
});

test('an unknown device is registered and all its messages replayed in one go', async () => {
  await visit(browser, '/quarantine', async (page) => {
    let name = /thermo-\d+/;
    let messages = 1;
    if (!isMock) {
      const gateway = unique('gateway');
      name = unique('thermo');
      messages = 3;
      const { body } = await api(page, 'POST', '/api/devices', { id: gateway });
      for (let n = 0; n < messages; n += 1)
        await publish(
          process.env.VIGIL_MQTT,
          body.secret,
          `vigil/${gateway}/telemetry`,
          JSON.stringify({ device: name, temp_body: { value: 37 + n / 10, unit: 'Cel' } }),
        );
      await page.reload();
    }
    const row = page.getByRole('row').filter({ hasText: name }).first();
    if (isMock) name = /thermo-\d+/.exec(await row.innerText())[0];
    await row.getByRole('link').click();
    const form = page.getByRole('form', { name: `Register ${name}` });
    await form.getByLabel('Name for people').fill('Thermometer');
    await form.getByLabel('Patient').selectOption({ index: 1 });
    await form.getByRole('button', { name: 'Register and replay' }).click();
    const filed = messages === 1 ? '1 reading is filed' : `${messages} readings are filed`;
    await page.getByText(`${name} is registered. Read: ${filed}.`).waitFor();
    // All of them: the first is gone when none is left.
    await page.getByRole('row').filter({ hasText: name }).first().waitFor({ state: 'hidden' });
    if (isMock) return;
    const patients = (await api(page, 'GET', '/api/patients')).body.patients;
    const asked = `/api/series/latest?patient=${patients[0].id}&metric=temp_body`;
    const { readings } = (await api(page, 'GET', asked)).body;
    assert.ok(
      readings.some((reading) => reading.device === name && reading.value === '37.2'),
      'the newest belongs to the patient it was attached to',
    );
  });
});

test('replaying what is still unreadable says why and keeps it', async () => {
  await visit(browser, '/quarantine', async (page) => {
    if (!isMock) {
      const id = unique('again');
      const { body } = await api(page, 'POST', '/api/devices', { id });
      await publish(
        process.env.VIGIL_MQTT,
        body.secret,
        `vigil/${id}/telemetry`,
        '{"heart_rate": ',
      );
      await page.reload();
    }
    await page
      .getByRole('link', { name: /Show the message from/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'Replay', exact: true }).click();
    await page.getByText(/Still unreadable: /).waitFor();
  });
});

test('the system page tells rates, commit time, lag and room on disk', async () => {
  await visit(browser, '/status', async (page) => {
    await page.getByText('99 % within').waitFor();
    const text = await page.getByRole('main').innerText();
    for (const line of ['Readings', 'Commit time', 'Consumers of the log', 'Disk', 'Live viewers'])
      assert.ok(text.includes(line), `${line} is missing`);
  });
});
