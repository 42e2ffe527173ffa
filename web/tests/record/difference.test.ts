import { describe, expect, it } from 'vitest';
import { differences } from '../../src/record/difference';
import { readJson, writeJson } from '../../src/record/json';

const lines = (before: string, after: string) =>
  differences(readJson(before), readJson(after)).map((one) => {
    const was = one.kind === 'added' ? '' : writeJson(one.before).replace(/\s+/g, '');
    const is = one.kind === 'removed' ? '' : writeJson(one.after).replace(/\s+/g, '');
    return `${one.kind} ${one.path}: ${was} → ${is}`;
  });

describe('the differences between two versions', () => {
  it.each([
    ['nothing, where only the order of members differs', '{"a":1,"b":2}', '{"b":2,"a":1}', []],
    ['a member that came', '{}', '{"a":{"b":1}}', ['added a:  → {"b":1}']],
    ['a member that went', '{"a":[1]}', '{}', ['removed a: [1] → ']],
    [
      'the innermost member that changed',
      '{"a":{"b":1,"c":2}}',
      '{"a":{"b":1,"c":3}}',
      ['changed a.c: 2 → 3'],
    ],
    ['a digit of a decimal', '{"value":1.0}', '{"value":1.00}', ['changed value: 1.0 → 1.00']],
    ['another kind of value', '{"a":[1]}', '{"a":{"b":1}}', ['changed a: [1] → {"b":1}']],
    ['an item before others', '{"a":[1,2]}', '{"a":[0,1,2]}', ['added a[0]:  → 0']],
    ['an item from among others', '{"a":[1,2,3]}', '{"a":[1,3]}', ['removed a[1]: 2 → ']],
    [
      'an item that changed in its place',
      '{"a":[{"x":1},{"x":2}]}',
      '{"a":[{"x":1},{"x":3}]}',
      ['changed a[1].x: 2 → 3'],
    ],
    [
      'an item that changed, and one more',
      '{"a":[1,2]}',
      '{"a":[1,3,4]}',
      ['changed a[1]: 2 → 3', 'added a[2]:  → 4'],
    ],
  ])('name %s', (_, before, after, expected) => {
    expect(lines(before, after)).toEqual(expected);
  });

  it('leave out what each version has of its own, and nothing else of meta', () => {
    const before = '{"meta":{"versionId":"1","lastUpdated":"2026-01-01T00:00:00Z","source":"a"}}';
    const after = '{"meta":{"versionId":"2","lastUpdated":"2026-01-02T00:00:00Z","source":"b"}}';
    expect(lines(before, after)).toEqual(['changed meta.source: "a" → "b"']);
  });

  it('stay quick where lists are long', () => {
    const list = (from: number) =>
      JSON.stringify({ a: Array.from({ length: 3000 }, (_, i) => i + from) });
    expect(lines(list(0), list(1))).toHaveLength(3000);
  });
});
