// The frame around every page: who is signed in, which page, how it looks.
import { useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { DevicesPage } from './pages/devices_page';
import { HomePage } from './pages/home_page';
import { LockPage } from './pages/lock_page';
import { NotAllowedPage } from './pages/not_allowed_page';
import { PatientPage } from './pages/patient_page';
import { PatientsPage } from './pages/patients_page';
import { SetUpPage } from './pages/set_up_page';
import { SignInPage } from './pages/sign_in_page';
import { UnknownPage } from './pages/unknown_page';
import { WardPage } from './pages/ward_page';
import type { Me } from './api/access_shapes';
import { locked } from './state/lock';
import { isOwnView } from './access/roles';
import { forgetMe, loadMe, may, mayDo, me, meError } from './state/me';
import { hrefOf, route, type Route } from './state/route';
import { shownStrip } from './state/strip_shown';
import { signedIn } from './state/session';
import { appearance } from './state/appearance';
import { isLost, reachChanged, watch, watchDevices } from './state/watch';
import { startAlarmWatch, stopAlarmWatch } from './state/alarm_watch';
import { t } from './words';
import { languageInUse } from './words';
import { errorText } from './ui/error_text';
import { loaded } from './ui/loaded';
import { mayOpen } from './ui/pages_list';
import { Shell } from './ui/shell';

/** These two say themselves what they watch; every page shows whether the server is there. */
const watchesItself = (page: Route['page']) => page === 'ward' || page === 'patient';

/** Whoever sees no vital signs has no stream: it would be refused. */
function useWatch(page: Route['page'], isOpen: boolean) {
  const quiet = !(watchesItself(page) && isOpen) && may('vitals');
  useEffect(() => {
    if (quiet) watch(watchDevices);
  }, [quiet]);
}

/** What is not looked at all day comes when it is opened. */
const AccountPage = loaded(() => import('./pages/account_page').then((it) => it.AccountPage));
const AccountsPage = loaded(() => import('./pages/accounts_page').then((it) => it.AccountsPage));
const AlarmsPage = loaded(() => import('./pages/alarms_page').then((it) => it.AlarmsPage));
const AppsPage = loaded(() => import('./pages/apps_page').then((it) => it.AppsPage));
const AuditPage = loaded(() => import('./pages/audit_page').then((it) => it.AuditPage));
const DisplaysPage = loaded(() => import('./pages/displays_page').then((it) => it.DisplaysPage));
const DefaultsPage = loaded(() => import('./pages/defaults_page').then((it) => it.DefaultsPage));
const DutiesPage = loaded(() => import('./pages/duties_page').then((it) => it.DutiesPage));
const EcgPage = loaded(() => import('./pages/ecg_page').then((it) => it.EcgPage));
const EmergenciesPage = loaded(() =>
  import('./pages/emergencies_page').then((it) => it.EmergenciesPage),
);
const QuarantinePage = loaded(() =>
  import('./pages/quarantine_page').then((it) => it.QuarantinePage),
);
const RecordPage = loaded(() => import('./pages/record_page').then((it) => it.RecordPage));
const StatusPage = loaded(() => import('./pages/status_page').then((it) => it.StatusPage));
const WhatIfPage = loaded(() => import('./pages/what_if_page').then((it) => it.WhatIfPage));
const ConsentPage = loaded(() => import('./pages/consent_page').then((it) => it.ConsentPage));
const ComponentsPage = loaded(() =>
  import('./pages/components_page').then((it) => it.ComponentsPage),
);

const EcgStripDialog = loaded(() =>
  import('./ui/ecg_strip_dialog').then((it) => it.EcgStripDialog),
);

/** Over whatever page it was opened from, and closed with it. */
function OpenStrip({ at }: { at: string }) {
  useEffect(() => () => void (shownStrip.value = null), [at]);
  const of = shownStrip.value;
  return of && <EcgStripDialog of={of} onClose={() => (shownStrip.value = null)} />;
}

function Page({ at, who }: { at: Route; who: Me }) {
  const isOpen = mayOpen(at.page, who);
  useWatch(at.page, isOpen);
  if (!isOpen)
    return at.page === 'ward' ? <HomePage who={who} /> : <NotAllowedPage at={at} who={who} />;
  switch (at.page) {
    case 'ward':
      return <WardPage isByRisk={at.byRisk === true} />;
    case 'alarms':
      return <AlarmsPage view={at} />;
    case 'displays':
      return <DisplaysPage />;
    case 'duties':
      return <DutiesPage />;
    case 'defaults':
      return <DefaultsPage view={at} />;
    case 'what-if':
      return <WhatIfPage />;
    case 'patients':
      return <PatientsPage />;
    case 'patient':
      return <PatientPage key={at.id} id={at.id} view={at.view} />;
    case 'ecg':
      return <EcgPage key={at.id} id={at.id} view={at.view} />;
    case 'devices':
      return <DevicesPage />;
    case 'quarantine':
      return <QuarantinePage item={at.item} />;
    case 'record':
      return <RecordPage at={at} />;
    case 'audit':
      return <AuditPage view={at} />;
    case 'accounts':
      return <AccountsPage />;
    case 'apps':
      return <AppsPage />;
    case 'emergencies':
      return <EmergenciesPage all={at.all} />;
    case 'status':
      return <StatusPage />;
    case 'account':
      return <AccountPage />;
    // It stands alone, without the frame: App shows it.
    case 'consent':
      return null;
    case 'components':
      return <ComponentsPage />;
    case 'unknown':
      return <UnknownPage path={at.path} />;
  }
}

const retryMs = 3000;

/** Before anything is shown it is known what whoever signed in may do. */
function useRights(username: string | null) {
  useEffect(() => {
    forgetMe();
    if (username === null) return undefined;
    void loadMe();
    const unfollow = reachChanged.subscribe((count) => {
      if (count > 0) void loadMe();
    });
    const retrying = setInterval(() => {
      if (me.peek() === null) void loadMe();
    }, retryMs);
    return () => {
      unfollow();
      clearInterval(retrying);
    };
  }, [username]);
}

/** Alarms are watched from any page, and while the screen is locked. */
function useAlarms(who: Me | null) {
  const isTold = who !== null && mayDo(who, 'vitals') && !isOwnView(who.role);
  useEffect(() => {
    if (isTold) startAlarmWatch();
    else stopAlarmWatch();
  }, [isTold]);
}

export function App() {
  useSignalEffect(() => {
    const root = document.documentElement;
    root.dataset.theme = appearance.value;
    root.dataset.connection = isLost.value ? 'lost' : 'held';
    root.lang = languageInUse.value;
  });
  const who = signedIn.value;
  const session = who.state === 'in' && !who.session.set_up_first ? who.session : null;
  const username = session?.account.username ?? null;
  useRights(username);
  const at = route.value;
  const rights = me.value;
  useAlarms(session && rights?.username === username ? rights : null);
  if (who.state !== 'asking' && who.state !== 'in')
    return (
      <SignInPage
        who={who}
        lead={t(at.page === 'consent' ? 'consent.sign_in_lead' : 'signin.lead')}
      />
    );
  if (who.state === 'in' && locked.value)
    return <LockPage session={who.session} who={rights?.username === username ? rights : null} />;
  if (who.state === 'in' && who.session.set_up_first) return <SetUpPage />;
  if (session && at.page === 'consent') return <ConsentPage id={at.id} account={session.account} />;
  if (who.state === 'asking' || rights?.username !== username)
    return (
      <p class="page-note" role="status">
        {meError.value ? errorText(meError.value) : t('app.loading', { what: t('app.name') })}
      </p>
    );
  return (
    <Shell who={rights} at={at}>
      <Page at={at} who={rights} />
      <OpenStrip at={hrefOf(at)} />
    </Shell>
  );
}
