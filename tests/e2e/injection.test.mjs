// What people and devices are called is text on every page, whatever it looks like.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { api, isMock, openBrowser, visit } from './browser.mjs';

const name = '<img src=x onerror="window.injected=1">';
const script = '"><script>window.injected=1</script>{{7*7}}';
const device = 'injected-1';

let browser;
let patient;
before(async () => {
  if (isMock) return;
  browser = await openBrowser();
  await visit(browser, '/', async (page) => {
    const made = await api(page, 'POST', '/api/patients', {
      display_name: name,
      identifier: script,
      unit: '<b>Unit</b>',
      bed: '<i>9</i>',
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    patient = made.body.id;
    const person = await api(page, 'POST', '/api/accounts', {
      username: 'injected-1',
      display_name: name,
      role: 'nurse',
      units: [script],
      password: 'six plain words on a page',
    });
    assert.equal(person.status, 201, JSON.stringify(person.body));
    const added = await api(page, 'POST', '/api/devices', {
      id: device,
      display: name,
      model: script,
    });
    assert.equal(added.status, 201, JSON.stringify(added.body));
    const attached = await api(page, 'POST', `/api/devices/${device}/attach`, { patient });
    assert.ok(attached.status < 300, JSON.stringify(attached.body));
  });
});
after(async () => {
  if (isMock) return;
  // Nobody of ours stays on the ward that the tests after this look at.
  await visit(browser, '/', async (page) => {
    const bed = { unit: null, bed: null };
    await api(page, 'PATCH', `/api/patients/${patient}`, bed);
  });
  await browser.close();
});

const pages = [
  ['/', name],
  ['/patients', name],
  [() => `/patients/${encodeURIComponent(patient)}`, name],
  ['/devices', name],
  ['/accounts', name],
  ['/record/Patient', name],
  ['/audit', ''],
];

for (const [path, seen] of pages) {
  const address = () => (typeof path === 'function' ? path() : path);
  test(
    `${typeof path === 'function' ? '/patients/[id]' : path} shows it as text`,
    { skip: isMock },
    async () => {
      await visit(browser, address(), async (page) => {
        await page.locator('main').waitFor();
        if (seen) await page.getByText(seen, { exact: false }).first().waitFor();
        const found = await page.evaluate(() => ({
          ran: globalThis.injected,
          elements: document.querySelectorAll('img[src="x"], [onerror], main script').length,
        }));
        assert.deepEqual(found, { ran: undefined, elements: 0 });
      });
    },
  );
}

test('a resource is shown as text, its narrative too', { skip: isMock }, async () => {
  await visit(browser, '/record', async (page) => {
    const session = await api(page, 'GET', '/api/session');
    assert.equal(session.status, 200);
    const made = await page.evaluate(
      async ([csrf, text]) => {
        const answer = await fetch('/fhir/Patient', {
          method: 'POST',
          headers: { 'X-Vigil-CSRF': csrf, 'Content-Type': 'application/fhir+json' },
          body: JSON.stringify({
            resourceType: 'Patient',
            text: {
              status: 'generated',
              div: '<div xmlns="http://www.w3.org/1999/xhtml"><b>bold</b></div>',
            },
            name: [{ text }],
          }),
        });
        return { status: answer.status, body: await answer.json() };
      },
      [session.body.csrf, name],
    );
    assert.equal(made.status, 201, JSON.stringify(made.body));
    await page.goto(new URL(`/record/Patient/${made.body.id}`, page.url()).href);
    await page.getByText('onerror', { exact: false }).first().waitFor();
    assert.equal(await page.evaluate(() => globalThis.injected), undefined);
    assert.equal(await page.locator('img[src="x"], [onerror]').count(), 0);
  });
});
