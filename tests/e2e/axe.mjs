// What axe finds on a page, and what on it is too small to be pressed.
import { readFileSync } from 'node:fs';
import { axeSource } from './browser.mjs';

const axe = readFileSync(axeSource, 'utf8');

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export async function findings(page) {
  // Through the debugger: the content security policy lets no script in from outside.
  await page.evaluate(axe);
  return page.evaluate(async (values) => {
    const options = { runOnly: { type: 'tag', values } };
    const { violations } = await globalThis.axe.run(document, options);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`),
    );
  }, tags);
}

/** What can be pressed measures 24 px, 44 px by touch (links within a sentence aside). */
export async function tooSmall(page, least) {
  return page.evaluate((min) => {
    const small = [];
    for (const element of document.querySelectorAll('button, select, input, nav a, .button')) {
      const { width, height } = element.getBoundingClientRect();
      const label = element.closest('label')?.getBoundingClientRect();
      const high = Math.max(height, label?.height ?? 0);
      if (width > 0 && (high < min - 0.5 || Math.max(width, label?.width ?? 0) < min - 0.5))
        small.push(`${element.outerHTML.slice(0, 100)} ${width}×${high}`);
    }
    return small;
  }, least);
}
