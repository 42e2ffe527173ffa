// A browser with someone signed in, for the tests of this folder.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');

export const url = process.env.VIGIL_URL;
export const password = process.env.VIGIL_PASSWORD;
export const isMock = process.env.VIGIL_MOCK === '1';
export const axeSource = require.resolve('axe-core/axe.min.js');
export const shots = fileURLToPath(new URL('../../build/e2e/', import.meta.url));

export const sizes = {
  phone: { width: 390, height: 844 },
  desk: { width: 1440, height: 900 },
  wall: { width: 1920, height: 1080 },
};

const flags = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function openBrowser() {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
}

/** What a page must never do: throw, or break its content security policy. */
function listenForFaults(page) {
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.push(message.text());
  });
  return () =>
    assert.deepEqual(
      faults.filter((fault) => !fault.includes('WebSocket connection')),
      [],
    );
}

export async function signIn(page, who = { username: 'admin', password }) {
  await page.getByLabel('User name').fill(who.username);
  await page.getByLabel('Password').fill(who.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation').first().waitFor();
}

/** What a browser keeps in which somebody has chosen a look, of a server: `storageState` of a visit. */
export const inTheme = (theme, at = url) => ({
  cookies: [],
  origins: [
    {
      origin: new URL(at).origin,
      localStorage: [{ name: 'vigil.preferences', value: JSON.stringify({ theme }) }],
    },
  ],
});

/**
 * Runs `act` on a page of its own, signed in at `path`, and afterwards checks that nothing went wrong
 * behind the scenes. `live` may change the live stream: it is given Playwright’s WebSocket route. `at` is
 * another server than the one under test, `as` somebody else than the first administrator.
 */
export async function visit(
  browser,
  path,
  act,
  { size = sizes.desk, live, locale = 'en-GB', at = url, as, ...more } = {},
) {
  const context = await browser.newContext({
    viewport: size,
    locale,
    hasTouch: size === sizes.phone,
    ignoreHTTPSErrors: true,
    ...more,
  });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    const checkFaults = listenForFaults(page);
    if (live) await page.routeWebSocket(/\/api\/live$/, live);
    await page.goto(at + path);
    await signIn(page, as);
    await act(page);
    checkFaults();
  } finally {
    await context.close();
  }
}

/** The API as a script in the page sees it: with the session's cookie. */
export async function api(page, method, path, body) {
  return page.evaluate(
    async ([way, where, what]) => {
      const session = await (await fetch('/api/session')).json();
      const response = await fetch(where, {
        method: way,
        headers: {
          'X-Vigil-CSRF': session.csrf,
          'Content-Type': 'application/json',
        },
        body: what === undefined ? undefined : JSON.stringify(what),
      });
      const text = await response.text();
      return { status: response.status, body: text ? JSON.parse(text) : null };
    },
    [method, path, body],
  );
}
