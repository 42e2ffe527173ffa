import { describe, expect, it } from 'vitest';
import { auditRoute, hrefOf, parseRoute, recordRoute, type Route } from '../../src/state/route';

const parse = (href: string) => {
  const url = new URL(href, 'https://vigil');
  return parseRoute(url.pathname, url.search);
};

describe('the address', () => {
  it.each<Route>([
    { page: 'ward' },
    { page: 'ward', byRisk: true },
    { page: 'alarms', patient: '', days: 1 },
    { page: 'alarms', patient: '12', days: 7 },
    { page: 'duties' },
    { page: 'what-if' },
    { page: 'defaults', unit: '', ageClass: 'adult' },
    { page: 'defaults', unit: 'ICU 1', ageClass: 'neonate' },
    { page: 'patients' },
    { page: 'patient', id: 'a/b ä', view: { spanS: 3600, toMs: null } },
    { page: 'patient', id: '3', view: { spanS: 86_400, toMs: 1_790_000_000_000 } },
    { page: 'ecg', id: '3', view: { atMs: null, lead: null, rowS: null } },
    {
      page: 'ecg',
      id: 'a/b',
      view: { atMs: 1_790_000_000_000, lead: 'ecg_ii/monitor 1/0', rowS: 30 },
    },
    { page: 'devices' },
    { page: 'quarantine', item: '0:77' },
    { page: 'quarantine', item: null },
    recordRoute(),
    recordRoute({ type: 'Condition', query: 'code=http%3A%2F%2Floinc.org%7C8867-4&date=ge2026' }),
    recordRoute({ type: 'Condition', query: 'code=a', id: 'c-1' }),
    recordRoute({ type: 'Condition', id: 'c-1', version: '2', against: '1' }),
    auditRoute(),
    auditRoute({ who: 'a&b', patient: '7', outcome: 'denied', days: 7 }),
    { page: 'accounts' },
    { page: 'apps' },
    { page: 'consent', id: 'a b/7' },
    { page: 'emergencies', all: false },
    { page: 'emergencies', all: true },
    { page: 'status' },
    { page: 'components' },
  ])('brings back what it was made of: $page', (route) => {
    expect(parse(hrefOf(route))).toEqual(route);
  });

  it('survives what someone typed', () => {
    expect(parse('/patients/3?span=abc&to=never')).toMatchObject({
      view: { spanS: 3600, toMs: null },
    });
    expect(parse('/patients/%E0%A4%A')).toMatchObject({ page: 'patient', id: '%E0%A4%A' });
    expect(parse('/alarms/elsewhere')).toMatchObject({ page: 'unknown' });
    expect(parse('/nowhere')).toEqual({ page: 'unknown', path: '/nowhere' });
  });
});
