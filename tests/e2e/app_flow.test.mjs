// An app from its question to a patient's data and its end, against a real server: what the mock cannot play.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { api, isMock, openBrowser, shots, sizes, url, visit } from './browser.mjs';

const only = { skip: isMock && 'the mock gives no tokens' };
const callback = 'https://diary.example/callback';

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const posted = (form) => ({ method: 'POST', body: new URLSearchParams(form) });

/** Registers the app anew, so that the test may be run again. */
async function register(page) {
  const app = {
    name: 'Diary',
    kind: 'public',
    redirect_uris: [callback],
    scopes: ['launch/patient', 'openid', 'fhirUser', 'offline_access', 'patient/*.rs'],
  };
  const { status, body } = await api(page, 'POST', '/api/apps', app);
  assert.equal(status, 201, JSON.stringify(body));
  return body.client_id;
}

test(
  'an app is let in by its person, reads that patient, and is out once that is ended',
  only,
  async () => {
    await visit(
      browser,
      '/apps',
      async (page) => {
        const client_id = await register(page);
        const smart = await (await fetch(`${url}/fhir/.well-known/smart-configuration`)).json();
        const verifier = randomBytes(32).toString('base64url');
        const question = new URLSearchParams({
          response_type: 'code',
          client_id,
          redirect_uri: callback,
          scope:
            'launch/patient openid fhirUser offline_access patient/Observation.rs patient/Patient.r',
          state: 'st-1',
          aud: `${smart.issuer}/fhir`,
          code_challenge: createHash('sha256').update(verifier).digest('base64url'),
          code_challenge_method: 'S256',
        });
        await page.route('https://diary.example/**', (route) =>
          route.fulfill({ contentType: 'text/html', body: '<h1>Diary</h1>' }),
        );
        await page.goto(`${url}/oauth/authorize?${question}`);
        await page.getByRole('heading', { name: 'An app asks for access' }).waitFor();
        assert.match(await page.locator('main').innerText(), /It is at diary\.example/);
        await page.getByRole('radio').first().check();
        await page.screenshot({ path: `${shots}consent_real.png`, fullPage: true });
        await page.getByRole('button', { name: 'Allow', exact: true }).click();
        await page.waitForURL(`${callback}**`);
        const answer = new URL(page.url()).searchParams;
        assert.equal(answer.get('state'), 'st-1');
        assert.equal(answer.get('iss'), smart.issuer);
        const code = {
          grant_type: 'authorization_code',
          code: answer.get('code'),
          redirect_uri: callback,
          code_verifier: verifier,
          client_id,
        };
        const tokens = await (await fetch(`${url}/oauth/token`, posted(code))).json();
        assert.ok(
          tokens.access_token && tokens.refresh_token && tokens.id_token,
          JSON.stringify(tokens),
        );
        const read = (path) =>
          fetch(`${url}/fhir/${path}`, {
            headers: { authorization: `Bearer ${tokens.access_token}` },
          });
        const found = await (await read('Observation?_count=5')).json();
        assert.ok(found.entry.length > 0, 'the readings of the ward');
        for (const { resource } of found.entry)
          assert.equal(resource.subject.reference, `Patient/${tokens.patient}`);

        await page.goto(`${url}/account`);
        const list = page.getByRole('region', { name: 'Apps that see data in my name' });
        const app = list.getByRole('listitem').filter({ hasText: 'Diary' }).last();
        await app.getByRole('button', { name: 'End the access of Diary' }).click();
        await page.getByRole('button', { name: 'End it now' }).click();
        await list.getByText('The access of Diary has ended.').waitFor();
        assert.equal((await read('Observation')).status, 401);
        assert.equal(
          (await api(page, 'PATCH', `/api/apps/${client_id}`, { enabled: false })).status,
          200,
        );
      },
      { size: sizes.phone },
    );
  },
);
