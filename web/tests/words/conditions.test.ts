import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { conditionsDe } from '../../src/words/conditions_de';

describe('Alarm conditions', () => {
  it('each have a German name, and no other has', () => {
    const table = readFileSync(
      new URL('../../../data/alarm-conditions.tsv', import.meta.url),
      'utf8',
    );
    const [head, ...rows] = table
      .split('\n')
      .filter((line) => line && !line.startsWith('#'))
      .map((line) => line.split('\t'));
    const display = head?.indexOf('display') ?? -1;
    expect(Object.keys(conditionsDe).sort()).toEqual(rows.map((row) => row[display]).sort());
  });
});
