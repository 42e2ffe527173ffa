// The pages one can go to, in the order of the navigation, and the key of each.
import { recordRoute, type Route } from '../state/route';
import type { WordKey } from '../words';

type Plain = 'ward' | 'patients' | 'record' | 'devices' | 'quarantine' | 'status';

export const pages: { page: Plain; key: string; words: WordKey; to: Route }[] = [
  { page: 'ward', key: 'w', words: 'nav.ward', to: { page: 'ward' } },
  { page: 'patients', key: 'p', words: 'nav.patients', to: { page: 'patients' } },
  { page: 'record', key: 'r', words: 'nav.record', to: recordRoute() },
  { page: 'devices', key: 'd', words: 'nav.devices', to: { page: 'devices' } },
  { page: 'quarantine', key: 'q', words: 'nav.quarantine', to: { page: 'quarantine', item: null } },
  { page: 'status', key: 's', words: 'nav.status', to: { page: 'status' } },
];
