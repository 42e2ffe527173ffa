// What two versions of a resource do not have in common, member by member.
import { sameJson, type Json } from './json';

export type Difference =
  | { kind: 'added'; path: string; after: Json }
  | { kind: 'removed'; path: string; before: Json }
  | { kind: 'changed'; path: string; before: Json; after: Json };

/** Above this many pairs, the items of two lists are compared by their places alone. */
const pairsMax = 250_000;

/** Of two lists, the longest row of items that both hold in this order: as pairs of places. */
function common(before: readonly Json[], after: readonly Json[]): [number, number][] {
  const [m, n] = [before.length, after.length];
  if (m * n > pairsMax) return [];
  const width = n + 1;
  const lengths = new Uint32Array((m + 1) * width);
  const same = (i: number, j: number) => sameJson(before[i] as Json, after[j] as Json);
  const length = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = m - 1; i >= 0; i -= 1)
    for (let j = n - 1; j >= 0; j -= 1)
      lengths[i * width + j] = same(i, j)
        ? length(i + 1, j + 1) + 1
        : Math.max(length(i + 1, j), length(i, j + 1));
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < m && j < n;) {
    if (same(i, j)) pairs.push([i++, j++]);
    else if (length(i + 1, j) >= length(i, j + 1)) i += 1;
    else j += 1;
  }
  return pairs;
}

function compareLists(
  path: string,
  before: readonly Json[],
  after: readonly Json[],
  found: Difference[],
): void {
  let [i, j] = [0, 0];
  for (const [upToI, upToJ] of [...common(before, after), [before.length, after.length] as const]) {
    // Between two items that stayed, what stands at the same place is taken for the same, changed.
    for (; i < upToI && j < upToJ; i += 1, j += 1)
      compare(`${path}[${j}]`, before[i] as Json, after[j] as Json, found);
    for (; i < upToI; i += 1)
      found.push({ kind: 'removed', path: `${path}[${i}]`, before: before[i] as Json });
    for (; j < upToJ; j += 1)
      found.push({ kind: 'added', path: `${path}[${j}]`, after: after[j] as Json });
    i += 1;
    j += 1;
  }
}

function compare(path: string, before: Json, after: Json, found: Difference[]): void {
  if (sameJson(before, after)) return;
  if (before instanceof Map && after instanceof Map) {
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      const [was, is] = [before.get(name), after.get(name)];
      const inner = path ? `${path}.${name}` : name;
      if (was === undefined && is !== undefined)
        found.push({ kind: 'added', path: inner, after: is });
      else if (was !== undefined && is === undefined)
        found.push({ kind: 'removed', path: inner, before: was });
      else if (was !== undefined && is !== undefined) compare(inner, was, is, found);
    }
  } else if (Array.isArray(before) && Array.isArray(after))
    compareLists(path, before, after, found);
  else found.push({ kind: 'changed', path, before, after });
}

/** Every version has these of its own: that they differ says nothing. */
const ofEachVersion = new Set(['meta.versionId', 'meta.lastUpdated']);

/** In the order of the members; an item of a list is named by its place in the newer version. */
export function differences(before: Json, after: Json): Difference[] {
  const found: Difference[] = [];
  compare('', before, after, found);
  return found.filter(({ path }) => !ofEachVersion.has(path));
}
