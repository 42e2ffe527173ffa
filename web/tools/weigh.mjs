// Fails the build when the script a first visit loads outgrows its budget (150 kB gzipped).
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const budgetBytes = 150_000;
const folder = new URL('../dist/assets/', import.meta.url);
let total = 0;
for (const name of readdirSync(folder).filter((name) => name.endsWith('.js'))) {
  const bytes = gzipSync(readFileSync(new URL(name, folder)), { level: 9 }).length;
  total += bytes;
  console.log(`${name}: ${(bytes / 1000).toFixed(1)} kB gzipped`);
}
console.log(`script in all: ${(total / 1000).toFixed(1)} of ${budgetBytes / 1000} kB gzipped`);
if (total > budgetBytes) {
  console.error('over budget: find out what grew (npx vite build --sourcemap), or split it off');
  process.exit(1);
}
