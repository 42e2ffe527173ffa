// Where the viewer is: the address is the state, so that a link shows a colleague the same.
import { signal } from '@preact/signals';

export interface TimelineView {
  /** Seconds shown. */
  spanS: number;
  /** The right edge, milliseconds since 1970; null: it follows now. */
  toMs: number | null;
}

export type Route =
  | { page: 'ward' }
  | { page: 'patients' }
  | { page: 'patient'; id: string; view: TimelineView }
  | { page: 'devices' }
  | { page: 'quarantine'; item: string | null }
  | { page: 'status' }
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
  if (parts.length === 0 || (first === 'ward' && parts.length === 1)) return { page: 'ward' };
  if (first === 'patients' && parts.length === 1) return { page: 'patients' };
  if (first === 'patients' && second !== undefined && parts.length === 2)
    return { page: 'patient', id: second, view: viewOf(search) };
  if (first === 'devices' && parts.length === 1) return { page: 'devices' };
  if (first === 'quarantine' && parts.length === 1)
    return { page: 'quarantine', item: search.get('item') };
  if (first === 'status' && parts.length === 1) return { page: 'status' };
  if (first === 'dev' && second === 'components') return { page: 'components' };
  return { page: 'unknown', path };
}

export function hrefOf(route: Route): string {
  switch (route.page) {
    case 'ward':
      return '/';
    case 'patient': {
      const search = new URLSearchParams();
      if (route.view.spanS !== defaultSpanS)
        search.set('span', String(Math.round(route.view.spanS)));
      if (route.view.toMs !== null) search.set('to', new Date(route.view.toMs).toISOString());
      const query = search.toString();
      return `/patients/${encodeURIComponent(route.id)}${query ? `?${query}` : ''}`;
    }
    case 'quarantine':
      return route.item ? `/quarantine?item=${encodeURIComponent(route.item)}` : '/quarantine';
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
    if (link.pathname.startsWith('/api/') || link.hash) return;
    event.preventDefault();
    go(parseRoute(link.pathname, link.search));
  });
}
