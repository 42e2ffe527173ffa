// What is open to each role: the navigation, and what an address opens.
import { describe, expect, it } from 'vitest';
import { roleTable } from '../../src/access/roles';
import type { Me } from '../../src/api/access_shapes';
import type { Role } from '../../src/api/shapes';
import { mayOpen, pagesFor } from '../../src/ui/pages_list';

function me(role: Role): Me {
  const rules = roleTable.roles.find((one) => one.role === role);
  return {
    username: 'x',
    display_name: 'X',
    role,
    units: [],
    everyone: rules?.reach === 'everyone',
    emergency: rules?.emergency ?? false,
    may: rules?.may ?? {},
    relations: [],
  };
}

describe('the navigation', () => {
  it.each<[Role, string[]]>([
    [
      'administrator',
      [
        'ward',
        'alarms',
        'patients',
        'record',
        'devices',
        'quarantine',
        'accounts',
        'apps',
        'emergencies',
        'audit',
        'status',
      ],
    ],
    ['clinician', ['ward', 'alarms', 'patients', 'record', 'devices', 'quarantine', 'status']],
    ['nurse', ['ward', 'alarms', 'patients', 'record', 'devices', 'status']],
    ['engineer', ['ward', 'alarms', 'patients', 'record', 'devices', 'quarantine', 'status']],
    ['auditor', ['record', 'accounts', 'emergencies', 'audit', 'status']],
    ['researcher', ['record']],
    ['patient', []],
    ['caregiver', []],
  ])('of %s has what is open to them, and no more', (role, pages) => {
    expect(pagesFor(me(role)).map(({ page }) => page)).toEqual(pages);
  });

  it('gives every page a key of its own', () => {
    const keys = pagesFor(me('administrator')).map(({ key }) => key);
    const others = ['?', 't', 'l', 'i'];
    expect(new Set([...keys, ...others]).size).toBe(keys.length + others.length);
  });
});

describe('an address', () => {
  it('opens a patient to a patient, and none of the staff’s pages', () => {
    expect(mayOpen('patient', me('patient'))).toBe(true);
    for (const page of [
      'ward',
      'alarms',
      'duties',
      'defaults',
      'what-if',
      'ecg',
      'patients',
      'devices',
      'accounts',
      'audit',
      'status',
    ] as const)
      expect([page, mayOpen(page, me('patient'))]).toEqual([page, false]);
  });

  it('opens no patient to whoever audits', () => {
    expect(mayOpen('patient', me('auditor'))).toBe(false);
    expect(mayOpen('emergencies', me('auditor'))).toBe(true);
    expect(mayOpen('apps', me('auditor'))).toBe(false);
  });
});
