import { describe, expect, it } from 'vitest';
import { browserName } from '../../src/state/browser_name';

describe('the browser of a session', () => {
  const cases: [agent: string, browser: string, system: string][] = [
    ['Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0', 'Firefox', 'Linux'],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0',
      'Edge',
      'Windows',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
      'Safari',
      'iOS',
    ],
    [
      'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36',
      'Chrome',
      'Android',
    ],
  ];
  it.each(cases)('%s', (agent, browser, system) => {
    expect(browserName(agent)).toEqual({ browser, system });
  });
  it('is nothing that is made up', () => {
    expect(browserName('curl/8.14')).toBeNull();
    expect(browserName('')).toBeNull();
  });
});
