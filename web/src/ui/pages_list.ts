// The pages one can go to, in the order of the navigation, and the key of each.
import type { Role } from '../api/shapes';
import { auditRoute, recordRoute, type Route } from '../state/route';
import type { WordKey } from '../words';

type Plain = 'ward' | 'patients' | 'record' | 'devices' | 'quarantine' | 'audit' | 'status';

interface PlainPage {
  page: Plain;
  key: string;
  words: WordKey;
  to: Route;
  /** Who it is for; without it, everyone. */
  roles?: readonly Role[];
}

const all: PlainPage[] = [
  { page: 'ward', key: 'w', words: 'nav.ward', to: { page: 'ward' } },
  { page: 'patients', key: 'p', words: 'nav.patients', to: { page: 'patients' } },
  { page: 'record', key: 'r', words: 'nav.record', to: recordRoute() },
  { page: 'devices', key: 'd', words: 'nav.devices', to: { page: 'devices' } },
  { page: 'quarantine', key: 'q', words: 'nav.quarantine', to: { page: 'quarantine', item: null } },
  {
    page: 'audit',
    key: 'a',
    words: 'nav.audit',
    to: auditRoute(),
    roles: ['administrator', 'engineer'],
  },
  { page: 'status', key: 's', words: 'nav.status', to: { page: 'status' } },
];

export const pagesFor = (role: Role): PlainPage[] =>
  all.filter(({ roles }) => roles?.includes(role) ?? true);
