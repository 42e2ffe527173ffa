// Where a browser may be sent on behalf of an app.

/** What runs in this page, reads this machine or asks another program to do so is no app's address. */
const never = new Set([
  'about:',
  'blob:',
  'data:',
  'file:',
  'filesystem:',
  'intent:',
  'javascript:',
  'vbscript:',
  'view-source:',
  'ws:',
  'wss:',
]);

function parsed(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

const onTheWeb = (url: URL) => url.protocol === 'https:' || url.protocol === 'http:';

/** Of a page that opens in a tab; null: not to be opened. */
export function webAddress(text: string): string | null {
  const url = parsed(text);
  return url && onTheWeb(url) ? url.href : null;
}

/** With an answer: on the web, or of an app on this device (RFC 8252 7.1); null: not to be gone to. */
export function answerAddress(text: string): { href: string; leaves: boolean } | null {
  const url = parsed(text);
  if (!url || never.has(url.protocol)) return null;
  return { href: url.href, leaves: onTheWeb(url) };
}
