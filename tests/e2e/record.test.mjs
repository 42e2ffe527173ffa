// The record: searched, read, compared version by version; and what of it stands beside a patient.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { api, axeSource, isMock, openBrowser, sizes, visit } from './browser.mjs';

const axe = readFileSync(axeSource, 'utf8');
let browser;
let patient;

/** Puts the very text: JSON.stringify would lose the digits that these tests are about. */
async function put(page, type, id, text) {
  const status = await page.evaluate(
    async ([path, body]) => {
      const session = await (await fetch('/api/session')).json();
      const headers = { 'X-Vigil-CSRF': session.csrf, 'Content-Type': 'application/fhir+json' };
      return (await fetch(path, { method: 'PUT', headers, body })).status;
    },
    [`/fhir/${type}/${id}`, text],
  );
  assert.ok(status === 200 || status === 201, `${type}/${id}: ${status}`);
}

const potassium = (subject, value) =>
  `{"resourceType":"Observation","id":"potassium-1","status":"final",
    "code":{"coding":[{"system":"http://loinc.org","code":"2823-3","display":"Potassium"}],"text":"Potassium"},
    "subject":{"reference":"Patient/${subject}","display":"${patient.display_name}"},
    "effectiveDateTime":"2026-11-25T06:30:00Z","valueQuantity":{"value":${value},"unit":"mmol/L"}}`;

const clinical = (name, code) =>
  `{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/${name}-clinical","code":"${code}"}]}`;

/** What the mock's record holds of its first patient, in a real one. */
async function fill(page, subject) {
  const of = `{"reference":"Patient/${subject}","display":"${patient.display_name}"}`;
  const condition = (code, more) =>
    `{"resourceType":"Condition","id":"condition-1","clinicalStatus":${clinical('condition', code)},
      "code":{"text":"Pneumonia"},"subject":${of},"onsetDateTime":"2026-11"${more}}`;
  await put(page, 'Observation', 'potassium-1', potassium(subject, '4.10'));
  await put(page, 'Observation', 'potassium-1', potassium(subject, '4.1'));
  await put(page, 'Condition', 'condition-1', condition('active', ',"recordedDate":"2026-11-23"'));
  await put(
    page,
    'Condition',
    'condition-1',
    condition('resolved', ',"note":[{"text":"Afebrile"}]'),
  );
  await put(
    page,
    'AllergyIntolerance',
    'allergy-1',
    `{"resourceType":"AllergyIntolerance","id":"allergy-1","criticality":"high","patient":${of},
      "clinicalStatus":${clinical('allergyintolerance', 'active')},
      "code":{"text":"Allergy to penicillin"},"recordedDate":"2024-06-09"}`,
  );
}

before(async () => {
  browser = await openBrowser();
  await visit(browser, '/', async (page) => {
    await page.locator('.bed-tile').first().waitFor();
    const { body } = await api(page, 'GET', '/api/ward');
    patient = body.beds[0].patient;
    assert.ok(patient.fhir_id, 'the ward says who is who in the record');
    if (!isMock) await fill(page, patient.fhir_id);
  });
});
after(() => browser.close());

async function findings(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await globalThis.axe.run(document, {
      runOnly: { type: 'tag', values: tags },
    });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}

test('the record is searched by what the server says it can be searched by', async () => {
  await visit(browser, '/record', async (page) => {
    await page.getByLabel('Resource type').selectOption('Observation');
    await page.getByLabel('Search by').selectOption('code');
    const value = page.getByLabel('Value of code');
    await page.getByText('A code: 8867-4').waitFor();
    await value.fill('http://loinc.org|2823-3');
    await page.getByRole('button', { name: 'Add a criterion' }).click();
    await page.getByLabel('Search by').nth(1).selectOption('patient');
    await page.getByLabel('Value of patient').fill(patient.fhir_id);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Observation: 1 resource on this page' }).waitFor();
    const { searchParams, pathname } = new URL(page.url());
    assert.equal(pathname, '/record/Observation');
    assert.equal(searchParams.get('code'), 'http://loinc.org|2823-3');
    await page.reload();
    assert.equal(await page.getByLabel('Value of code').inputValue(), 'http://loinc.org|2823-3');
    await page.getByRole('link', { name: 'Potassium' }).click();
    await page.getByRole('heading', { level: 2, name: 'Potassium' }).waitFor();
    await page.getByText('4.1 mmol/L').waitFor();
  });
});

test('a search that cannot be asked says why', async () => {
  await visit(browser, '/record/Patient?no-such-parameter=1', async (page) => {
    await page.getByRole('alert').filter({ hasText: 'no-such-parameter' }).waitFor();
  });
});

test('a list longer than a page leads on, and back to its beginning', async () => {
  await visit(browser, '/record/Patient?_count=5', async (page) => {
    await page.getByRole('heading', { name: '5 resources on this page' }).waitFor();
    const names = () => page.locator('tbody code').allInnerTexts();
    const before = await names();
    await page.getByRole('link', { name: 'Next page' }).click();
    await page.getByRole('link', { name: 'First page' }).waitFor();
    const shows = (test, id) =>
      page.waitForFunction(
        ([wanted, known]) =>
          (document.querySelector('tbody code')?.textContent === known) === wanted,
        [test, id],
      );
    await shows(false, before[0]);
    const following = await names();
    assert.ok(following.length > 0);
    assert.deepEqual(
      following.filter((id) => before.includes(id)),
      [],
    );
    await page.getByRole('link', { name: 'First page' }).click();
    await shows(true, before[0]);
    assert.deepEqual(await names(), before);
  });
});

test('decimals are shown with the digits the server wrote', async () => {
  await visit(browser, '/record/Observation/potassium-1/_history/1', async (page) => {
    await page.getByText('4.10 mmol/L').waitFor();
    await page.getByText('This is version 1 as it was.').waitFor();
    await page.getByText(/^JSON, \d+ lines$/).click();
    await page.getByRole('region', { name: 'JSON' }).getByText('"value": 4.10').waitFor();
  });
});

test('two versions are told apart member by member, in words', async () => {
  await visit(browser, '/record/Condition/condition-1', async (page) => {
    await page.getByRole('button', { name: 'Show the differences' }).click();
    const part = page.getByRole('region', { name: 'From version 1 to version 2' });
    const line = (path) => part.getByRole('row').filter({ hasText: path });
    await line('clinicalStatus.coding[0].code').getByText('changed').waitFor();
    await line('recordedDate').getByText('removed').waitFor();
    await line('note').getByText('added').waitFor();
    assert.match(page.url(), /_history\/2\?against-version=1$/);
    assert.deepEqual(await findings(page), []);
    await page.reload();
    await line('note').getByText('added').waitFor();
  });
});

test('what is not there says so, and the list beside it stays', async () => {
  await visit(browser, '/record/Patient/nobody', async (page) => {
    await page.getByRole('alert').first().waitFor();
    await page.locator('tbody tr').first().waitFor();
    await page.keyboard.press('Escape');
    await page.waitForURL(/\/record\/Patient$/);
  });
});

for (const [name, size] of Object.entries(sizes))
  test(`a patient's page has the record beside it: ${name}`, async () => {
    await visit(
      browser,
      `/patients/${patient.id}`,
      async (page) => {
        const record = page.getByRole('region', { name: 'Record', exact: true });
        const allergies = record.getByRole('region', { name: 'Allergies' });
        await allergies.getByText('active, high risk').waitFor();
        const conditions = record.getByRole('region', { name: 'Conditions' });
        await conditions.getByText('resolved').waitFor();
        await record.getByText('No reports or documents').or(record.getByText('final')).waitFor();
        assert.deepEqual(await findings(page), []);
        await allergies.getByRole('link', { name: 'Allergy to penicillin' }).click();
        await page.getByRole('heading', { level: 2, name: 'Allergy to penicillin' }).waitFor();
        const subject = page.locator('.elements').getByRole('link', { name: patient.display_name });
        await subject.click();
        await page.waitForURL(new RegExp(`/record/Patient/${patient.fhir_id}$`));
        const wider = await page.evaluate(() => {
          const { scrollWidth, clientWidth } = document.documentElement;
          return scrollWidth - clientWidth;
        });
        assert.ok(wider <= 0, 'nothing has to be scrolled sideways');
      },
      { size },
    );
  });
