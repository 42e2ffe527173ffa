// Where the viewer is: the address is the state, so that a link shows a colleague the same.
import { signal } from '@preact/signals';
import type { AgeClass } from '../api/alarm_shapes';

export interface TimelineView {
  /** Seconds shown. */
  spanS: number;
  /** The right edge, milliseconds since 1970; null: it follows now. */
  toMs: number | null;
}

/** A place in the record, addressed as FHIR addresses it (R4 3.1.0.1.2), below /record. */
export interface RecordView {
  /** A resource type; null: none is chosen yet. */
  type: string | null;
  /** The search beside it, as its parameters. */
  query: string;
  id: string | null;
  /** Null: as it is now. */
  version: string | null;
  /** The older version it is compared with. */
  against: string | null;
}

/** What of the audit is looked for; empty or 0: whatever it is. */
export interface AuditView {
  who: string;
  patient: string;
  outcome: string;
  /** Of the last so many days. */
  days: number;
}

/** What of the alarms' history is shown. */
export interface AlarmsView {
  patient: string;
  /** Of the last so many days. */
  days: number;
}

/** Of which unit and age class the limits are shown. */
export interface DefaultsView {
  /** Empty: the first that the account looks after. */
  unit: string;
  ageClass: AgeClass;
}

/** Which page of an ECG in full is shown. */
export interface EcgView {
  /** In its first row, milliseconds since 1970; null: the newest page, which follows now. */
  atMs: number | null;
  /** metric/device/channel; null: the first lead there is. */
  lead: string | null;
  /** Seconds a row; null: as the screen is wide. */
  rowS: number | null;
}

export type Route =
  /** By risk: in the order of the early-warning scores, and else each bed where it lies. */
  | { page: 'ward'; byRisk?: true }
  | ({ page: 'alarms' } & AlarmsView)
  | { page: 'displays' }
  | { page: 'duties' }
  | ({ page: 'defaults' } & DefaultsView)
  | { page: 'what-if' }
  | { page: 'patients' }
  | { page: 'patient'; id: string; view: TimelineView }
  | { page: 'ecg'; id: string; view: EcgView }
  | { page: 'devices' }
  | { page: 'quarantine'; item: string | null }
  | ({ page: 'record' } & RecordView)
  | ({ page: 'audit' } & AuditView)
  | { page: 'accounts' }
  | { page: 'apps' }
  | { page: 'consent'; id: string }
  | { page: 'emergencies'; all: boolean }
  | { page: 'status' }
  | { page: 'account' }
  | { page: 'components' }
  | { page: 'unknown'; path: string };

export const defaultSpanS = 3600;

function viewOf(search: URLSearchParams): TimelineView {
  const span = Number(search.get('span'));
  const to = Date.parse(search.get('to') ?? '');
  return {
    spanS: span >= 10 && span <= 4e8 ? span : defaultSpanS,
    toMs: Number.isNaN(to) ? null : to,
  };
}

/** Ours among the search's parameters: FHIR has none of this name. */
const againstName = 'against-version';

function recordOf([type, id, history, version]: string[], search: URLSearchParams): RecordView {
  const against = search.get(againstName);
  search.delete(againstName);
  return {
    type: type ?? null,
    query: search.toString(),
    id: id ?? null,
    version: history === '_history' ? (version ?? null) : null,
    against,
  };
}

function hrefOfRecord({ type, query, id, version, against }: RecordView): string {
  const parts = [type, id, id && version && '_history', id && version];
  const path = parts.filter(Boolean).map((part) => `/${encodeURIComponent(String(part))}`);
  const search = new URLSearchParams(query);
  if (id && against) search.set(againstName, against);
  const text = search.toString();
  return `/record${path.join('')}${text ? `?${text}` : ''}`;
}

function auditOf(search: URLSearchParams): AuditView {
  const text = (name: string) => search.get(name) ?? '';
  const days = Number(text('days'));
  return {
    who: text('who'),
    patient: text('patient'),
    outcome: text('outcome'),
    days: Number.isInteger(days) && days > 0 ? days : 0,
  };
}

function hrefOfAudit({ who, patient, outcome, days }: AuditView): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries({ who, patient, outcome }))
    if (value) search.set(name, value);
  if (days > 0) search.set('days', String(days));
  const text = search.toString();
  return `/audit${text ? `?${text}` : ''}`;
}

function alarmsOf(search: URLSearchParams): AlarmsView {
  const days = Number(search.get('days'));
  return {
    patient: search.get('patient') ?? '',
    days: Number.isInteger(days) && days > 0 && days <= 31 ? days : 1,
  };
}

function hrefOfAlarms({ patient, days }: AlarmsView): string {
  const search = new URLSearchParams();
  if (patient) search.set('patient', patient);
  if (days !== 1) search.set('days', String(days));
  const text = search.toString();
  return `/alarms${text ? `?${text}` : ''}`;
}

function defaultsOf(search: URLSearchParams): DefaultsView {
  const asked = search.get('age_class');
  const ageClass = asked === 'paediatric' || asked === 'neonate' ? asked : 'adult';
  return { unit: search.get('unit') ?? '', ageClass };
}

function hrefOfDefaults({ unit, ageClass }: DefaultsView): string {
  const search = new URLSearchParams();
  if (unit) search.set('unit', unit);
  if (ageClass !== 'adult') search.set('age_class', ageClass);
  const text = search.toString();
  return `/alarms/limits${text ? `?${text}` : ''}`;
}

/** Parts of the alarms' page. */
function alarmPartOf(part: string | undefined, search: URLSearchParams): Route | null {
  switch (part) {
    case undefined:
      return { page: 'alarms', ...alarmsOf(search) };
    case 'duties':
      return { page: 'duties' };
    case 'screens':
      return { page: 'displays' };
    case 'limits':
      return { page: 'defaults', ...defaultsOf(search) };
    case 'what-if':
      return { page: 'what-if' };
    default:
      return null;
  }
}

function ecgOf(search: URLSearchParams): EcgView {
  const at = Date.parse(search.get('at') ?? '');
  const row = Number(search.get('row'));
  return {
    atMs: Number.isNaN(at) ? null : at,
    lead: search.get('lead'),
    rowS: row === 30 || row === 60 ? row : null,
  };
}

function hrefOfEcg(id: string, { atMs, lead, rowS }: EcgView): string {
  const search = new URLSearchParams();
  if (atMs !== null) search.set('at', new Date(atMs).toISOString());
  if (lead !== null) search.set('lead', lead);
  if (rowS !== null) search.set('row', String(rowS));
  const text = search.toString();
  return `/patients/${encodeURIComponent(id)}/ecg${text ? `?${text}` : ''}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function parseRoute(path: string, searchText: string): Route {
  const search = new URLSearchParams(searchText);
  const parts = path.split('/').filter(Boolean).map(decoded);
  const [first, second] = parts;
  if (parts.length === 0 || (first === 'ward' && parts.length === 1))
    return search.get('order') === 'risk' ? { page: 'ward', byRisk: true } : { page: 'ward' };
  const alarmPart = first === 'alarms' && parts.length <= 2 ? alarmPartOf(second, search) : null;
  if (alarmPart) return alarmPart;
  if (first === 'patients' && parts.length === 1) return { page: 'patients' };
  if (first === 'patients' && second !== undefined && parts.length === 2)
    return { page: 'patient', id: second, view: viewOf(search) };
  if (first === 'patients' && second !== undefined && parts[2] === 'ecg' && parts.length === 3)
    return { page: 'ecg', id: second, view: ecgOf(search) };
  if (first === 'devices' && parts.length === 1) return { page: 'devices' };
  if (first === 'quarantine' && parts.length === 1)
    return { page: 'quarantine', item: search.get('item') };
  if (first === 'record' && parts.length <= 5 && parts.length !== 4)
    return { page: 'record', ...recordOf(parts.slice(1), search) };
  if (first === 'audit' && parts.length === 1) return { page: 'audit', ...auditOf(search) };
  if (first === 'accounts' && parts.length === 1) return { page: 'accounts' };
  if (first === 'apps' && parts.length === 1) return { page: 'apps' };
  if (first === 'authorize' && second !== undefined && parts.length === 2)
    return { page: 'consent', id: second };
  if (first === 'emergencies' && parts.length === 1)
    return { page: 'emergencies', all: search.get('state') === 'all' };
  if (first === 'status' && parts.length === 1) return { page: 'status' };
  if (first === 'account' && parts.length === 1) return { page: 'account' };
  if (first === 'dev' && second === 'components') return { page: 'components' };
  return { page: 'unknown', path };
}

export function hrefOf(route: Route): string {
  switch (route.page) {
    case 'ward':
      return route.byRisk ? '/?order=risk' : '/';
    case 'patient': {
      const search = new URLSearchParams();
      if (route.view.spanS !== defaultSpanS)
        search.set('span', String(Math.round(route.view.spanS)));
      if (route.view.toMs !== null) search.set('to', new Date(route.view.toMs).toISOString());
      const query = search.toString();
      return `/patients/${encodeURIComponent(route.id)}${query ? `?${query}` : ''}`;
    }
    case 'ecg':
      return hrefOfEcg(route.id, route.view);
    case 'alarms':
      return hrefOfAlarms(route);
    case 'displays':
      return '/alarms/screens';
    case 'duties':
      return '/alarms/duties';
    case 'defaults':
      return hrefOfDefaults(route);
    case 'what-if':
      return '/alarms/what-if';
    case 'quarantine':
      return route.item ? `/quarantine?item=${encodeURIComponent(route.item)}` : '/quarantine';
    case 'record':
      return hrefOfRecord(route);
    case 'audit':
      return hrefOfAudit(route);
    case 'emergencies':
      return route.all ? '/emergencies?state=all' : '/emergencies';
    case 'consent':
      return `/authorize/${encodeURIComponent(route.id)}`;
    case 'components':
      return '/dev/components';
    case 'unknown':
      return route.path;
    default:
      return `/${route.page}`;
  }
}

export const hrefOfPatient = (id: string): string =>
  hrefOf({ page: 'patient', id, view: { spanS: defaultSpanS, toMs: null } });

/** Of the newest page, or of the one that begins at a time. */
export const hrefOfPatientEcg = (id: string, atMs: number | null = null): string =>
  hrefOfEcg(id, { atMs, lead: null, rowS: null });

/** The whole record, or what of it a search finds. */
export const recordRoute = (
  view: Partial<RecordView> = {},
): Extract<Route, { page: 'record' }> => ({
  page: 'record',
  type: null,
  query: '',
  id: null,
  version: null,
  against: null,
  ...view,
});

export const auditRoute = (view: Partial<AuditView> = {}): Extract<Route, { page: 'audit' }> => ({
  page: 'audit',
  who: '',
  patient: '',
  outcome: '',
  days: 0,
  ...view,
});

export const route = signal<Route>({ page: 'ward' });

export function go(to: Route, how: 'push' | 'replace' = 'push'): void {
  const href = hrefOf(to);
  if (how === 'push') history.pushState(null, '', href);
  else history.replaceState(null, '', href);
  route.value = to;
  if (how === 'push') window.scrollTo(0, 0);
}

/** Follows the address bar, and links within the app, without loading the page anew. */
export function followAddress(): void {
  const read = () => {
    route.value = parseRoute(location.pathname, location.search);
  };
  read();
  addEventListener('popstate', read);
  addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || link.target || link.download || link.origin !== location.origin) return;
    if (/^\/(api|fhir|oauth)\//.test(link.pathname) || link.hash) return;
    event.preventDefault();
    go(parseRoute(link.pathname, link.search));
  });
}
