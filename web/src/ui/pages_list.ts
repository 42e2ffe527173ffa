// The pages one can go to, in the order of the navigation, the key of each, and whom it is open to.
import type { Area, Me } from '../api/access_shapes';
import { isOwnView } from '../access/roles';
import { mayDo } from '../state/me';
import { auditRoute, recordRoute, type Route } from '../state/route';
import type { WordKey } from '../words';

type Listed =
  | 'ward'
  | 'alarms'
  | 'patients'
  | 'record'
  | 'devices'
  | 'quarantine'
  | 'accounts'
  | 'apps'
  | 'emergencies'
  | 'audit'
  | 'status';

export interface ListedPage {
  page: Listed;
  key: string;
  words: WordKey;
  to: Route;
}

const all: ListedPage[] = [
  { page: 'ward', key: 'w', words: 'nav.ward', to: { page: 'ward' } },
  {
    page: 'alarms',
    key: 'm',
    words: 'nav.alarms',
    to: { page: 'alarms', patient: '', days: 1 },
  },
  { page: 'patients', key: 'p', words: 'nav.patients', to: { page: 'patients' } },
  { page: 'record', key: 'r', words: 'nav.record', to: recordRoute() },
  { page: 'devices', key: 'd', words: 'nav.devices', to: { page: 'devices' } },
  { page: 'quarantine', key: 'q', words: 'nav.quarantine', to: { page: 'quarantine', item: null } },
  { page: 'accounts', key: 'u', words: 'nav.accounts', to: { page: 'accounts' } },
  { page: 'apps', key: 'o', words: 'nav.apps', to: { page: 'apps' } },
  {
    page: 'emergencies',
    key: 'e',
    words: 'nav.emergencies',
    to: { page: 'emergencies', all: false },
  },
  { page: 'audit', key: 'a', words: 'nav.audit', to: auditRoute() },
  { page: 'status', key: 's', words: 'nav.status', to: { page: 'status' } },
];

const recordAreas: readonly Area[] = ['record', 'orders', 'directory', 'definitions', 'research'];

/** Whether the account may open it; what it may do there the page itself asks. */
export function mayOpen(page: Route['page'], me: Me): boolean {
  const looks = (area: Area) => mayDo(me, area);
  const staff = !isOwnView(me.role);
  switch (page) {
    case 'ward':
    case 'alarms':
    case 'displays':
    case 'duties':
    case 'defaults':
    case 'what-if':
    case 'ecg':
      return staff && looks('patients') && looks('vitals');
    case 'patients':
      return staff && looks('patients');
    case 'patient':
      return looks('patients') && looks('vitals');
    case 'record':
      return recordAreas.some(looks);
    case 'devices':
      return staff && looks('devices');
    case 'quarantine':
      return looks('unread');
    case 'apps':
      return mayDo(me, 'accounts', 'a');
    case 'accounts':
    case 'emergencies':
      return looks('accounts');
    case 'audit':
      return mayDo(me, 'audit', 'a');
    case 'status':
      return looks('server');
    case 'account':
    case 'consent':
    case 'components':
    case 'unknown':
      return true;
  }
}

/** A patient's or caregiver's account has its own way to the patients it is for. */
export const pagesFor = (me: Me): ListedPage[] =>
  isOwnView(me.role) ? [] : all.filter(({ page }) => mayOpen(page, me));

/** Parts of the alarms' page have addresses of their own. */
const partsOf: Partial<Record<Route['page'], Listed>> = {
  patient: 'patients',
  ecg: 'patients',
  displays: 'alarms',
  duties: 'alarms',
  defaults: 'alarms',
  'what-if': 'alarms',
};

/** The page of the navigation that one is at. */
export const listedOf = (page: Route['page']): Route['page'] => partsOf[page] ?? page;

/** What a page is called, for whoever may not open it. */
export const nameOfPage = (page: Route['page']): WordKey | null =>
  page === 'patient' ? null : (all.find((one) => one.page === listedOf(page))?.words ?? null);
