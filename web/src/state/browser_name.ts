// Which browser a session is in, in two words, from the User-Agent that it sent.

const browsers: readonly (readonly [mark: RegExp, name: string])[] = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|Chromium|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const systems: readonly (readonly [mark: RegExp, name: string])[] = [
  [/\b(iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

const named = (of: typeof browsers, agent: string) =>
  of.find(([mark]) => mark.test(agent))?.[1] ?? null;

export interface BrowserName {
  browser: string;
  system: string;
}

/** Null: none that is known. */
export function browserName(agent: string): BrowserName | null {
  const [browser, system] = [named(browsers, agent), named(systems, agent)];
  return browser && system ? { browser, system } : null;
}
