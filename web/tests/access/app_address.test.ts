import { describe, expect, it } from 'vitest';
import { answerAddress, webAddress } from '../../src/access/app_address';

describe('an app’s address', () => {
  it('is on the web, or of an app on this device', () => {
    expect(answerAddress('https://growth.example/callback?code=a&state=b')).toEqual({
      href: 'https://growth.example/callback?code=a&state=b',
      leaves: true,
    });
    expect(answerAddress('http://127.0.0.1:8080/callback?code=a')?.leaves).toBe(true);
    expect(answerAddress('org.example.growth:/callback?code=a')).toEqual({
      href: 'org.example.growth:/callback?code=a',
      leaves: false,
    });
  });
  it.each([
    'javascript:alert(1)',
    ' JavaScript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'blob:https://vigil.example/1',
    'file:///etc/passwd',
    'vbscript:x',
    'intent://x#Intent;end',
    '/callback',
    '//growth.example/callback',
    '',
  ])('is never one that runs here, or none: %j', (text) => {
    expect(answerAddress(text)).toBeNull();
    expect(webAddress(text)).toBeNull();
  });
  it('opens in a tab only on the web', () => {
    expect(webAddress('https://growth.example/launch?iss=a')).toBe(
      'https://growth.example/launch?iss=a',
    );
    expect(webAddress('org.example.growth:/launch')).toBeNull();
  });
});
