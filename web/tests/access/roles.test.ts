import { describe, expect, it } from 'vitest';
import { areasByAct, mostOf, parseRoles, roleTable } from '../../src/access/roles';
import { en } from '../../src/words/en';

describe('the table of roles', () => {
  it('is read as it is written: tabs, an empty cell for a closed area', () => {
    const table = parseRoles(
      '# a remark\nrole\treach\temergency\tpurposes\tvitals\trecord\tdevices\nnurse\tunits\tyes\ttreatment\trw\t\tr\nauditor\tnobody\n',
    );
    expect(table.areas).toEqual(['vitals', 'record', 'devices']);
    expect(table.roles).toEqual([
      { role: 'nurse', reach: 'units', emergency: true, may: { vitals: 'rw', devices: 'r' } },
      { role: 'auditor', reach: 'nobody', emergency: false, may: {} },
    ]);
  });

  it('knows ten roles and fifteen areas, each with words', () => {
    expect(roleTable.roles).toHaveLength(10);
    expect(roleTable.areas).toHaveLength(15);
    for (const { role, reach } of roleTable.roles)
      for (const key of [`role.${role}`, `role.means.${role}`, `reach.${reach}`])
        expect(en).toHaveProperty([key]);
    for (const area of roleTable.areas) expect(en).toHaveProperty([`area.${area}`]);
  });

  it('says the most that may be done', () => {
    expect(mostOf('rwa')).toBe('a');
    expect(mostOf('rw')).toBe('w');
    expect(mostOf('r')).toBe('r');
    expect(mostOf('')).toBeNull();
    expect(mostOf(undefined)).toBeNull();
  });

  it('sorts the areas by that, in the order of the table', () => {
    const table = parseRoles(
      'role\treach\temergency\tpurposes\ta\tb\tc\td\nx\tunits\t\ttreatment\trw\tr\trwa\tr\n',
    );
    const [rules] = table.roles;
    if (!rules) throw new Error('no role');
    expect(areasByAct(rules, table.areas)).toEqual({ r: ['b', 'd'], w: ['a'], a: ['c'] });
  });
});
