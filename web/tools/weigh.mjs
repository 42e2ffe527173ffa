// Fails the build when the script that a first visit loads outgrows its budget (150 kB gzipped): what
// index.html names, and the heaviest language beside. What is loaded on demand is told, not counted.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const budgetBytes = 150_000;
const dist = new URL('../dist/', import.meta.url);
const page = readFileSync(new URL('index.html', dist), 'utf8');
const kilobytes = (bytes) => (bytes / 1000).toFixed(1);
let first = 0;
let language = 0;
for (const name of readdirSync(new URL('assets/', dist)).filter((name) => name.endsWith('.js'))) {
  const bytes = gzipSync(readFileSync(new URL(`assets/${name}`, dist)), { level: 9 }).length;
  const isFirst = page.includes(`assets/${name}`);
  const isLanguage = /^[a-z]{2}-/.test(name);
  if (isFirst) first += bytes;
  if (isLanguage) language = Math.max(language, bytes);
  const when = isFirst ? 'at first' : isLanguage ? 'a language' : 'on demand';
  console.log(`${name}: ${kilobytes(bytes)} kB gzipped, ${when}`);
}
const total = first + language;
console.log(`script of a first visit: ${kilobytes(total)} of ${budgetBytes / 1000} kB gzipped`);
if (first === 0) {
  console.error('index.html names no script: what a first visit loads is not known');
  process.exit(1);
}
if (total > budgetBytes) {
  console.error('over budget: find out what grew (npx vite build --sourcemap), or split it off');
  process.exit(1);
}
