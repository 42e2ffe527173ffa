import { describe, expect, it } from 'vitest';
import { at, depthMax, JsonNumber, readJson, sameJson, writeJson } from '../../src/record/json';

const object = (...members: [string, unknown][]) => new Map(members);

describe('JSON as it was written', () => {
  it.each(['1.00', '-0.0', '1E2', '100', '12345678901234567890.10', '0'])(
    'keeps every digit of %s',
    (text) => {
      expect(readJson(text)).toEqual(new JsonNumber(text));
      expect(writeJson(readJson(text))).toBe(text);
    },
  );

  it('reads objects, lists, strings and words, with space anywhere', () => {
    expect(readJson(' { "a" : [ true , null , "µ\\u0041\\n\\"" ] , "b" : { } } ')).toEqual(
      object(['a', [true, null, 'µA\n"']], ['b', object()]),
    );
  });

  it('keeps the members in their order, whatever they are called', () => {
    const read = readJson('{"2":1,"1":2,"__proto__":3}');
    expect([...(read as Map<string, unknown>).keys()]).toEqual(['2', '1', '__proto__']);
  });

  it.each([
    '',
    '01',
    '1.',
    '.5',
    '+1',
    '{',
    '[1,]',
    '{"a":1,}',
    '"\n"',
    '"\\x"',
    'nul',
    '1 2',
    "{'a':1}",
  ])('refuses %j', (text) => {
    expect(() => readJson(text)).toThrow(SyntaxError);
  });

  it('refuses what nests too deep, rather than to overflow', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(() => readJson(nested(depthMax))).not.toThrow();
    expect(() => readJson(nested(100_000))).toThrow(SyntaxError);
  });

  it('is written in lines for people', () => {
    expect(writeJson(readJson('{"a":[1.0,{"b":"c"}],"d":[],"e":{}}'))).toBe(
      '{\n  "a": [\n    1.0,\n    {\n      "b": "c"\n    }\n  ],\n  "d": [],\n  "e": {}\n}',
    );
  });
});

describe('two values', () => {
  it.each([
    ['{"a":1,"b":2}', '{"b":2,"a":1}', true],
    ['1.0', '1.00', false],
    ['[1,2]', '[2,1]', false],
    ['{"a":null}', '{"b":null}', false],
    ['"1"', '1', false],
  ])('%s and %s: the same is %s', (a, b, same) => {
    expect(sameJson(readJson(a), readJson(b))).toBe(same);
  });
});

describe('what stands at a path', () => {
  it('takes the first of every list, and nothing where there is nothing', () => {
    const resource = readJson('{"code":{"coding":[{"code":"a"},{"code":"b"}]}}');
    expect(at(resource, 'code', 'coding', 'code')).toBe('a');
    expect(at(resource, 'code', 'text', 'code')).toBeUndefined();
  });
});
