// The frame around every page: who is signed in, which page, how it looks.
import { useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { AccountPage } from './pages/account_page';
import { AuditPage } from './pages/audit_page';
import { ComponentsPage } from './pages/components_page';
import { DevicesPage } from './pages/devices_page';
import { PatientPage } from './pages/patient_page';
import { PatientsPage } from './pages/patients_page';
import { QuarantinePage } from './pages/quarantine_page';
import { RecordPage } from './pages/record_page';
import { SetUpPage } from './pages/set_up_page';
import { SignInPage } from './pages/sign_in_page';
import { StatusPage } from './pages/status_page';
import { UnknownPage } from './pages/unknown_page';
import { WardPage } from './pages/ward_page';
import { route, type Route } from './state/route';
import { signedIn } from './state/session';
import { appearance } from './state/appearance';
import { isLost, watch, watchDevices } from './state/watch';
import { t } from './words';
import { languageInUse } from './words';
import { Shell } from './ui/shell';

/** These two say themselves what they watch; every page shows whether the server is there. */
const watchesItself = (page: Route['page']) => page === 'ward' || page === 'patient';

function Page({ at }: { at: Route }) {
  const quiet = !watchesItself(at.page);
  useEffect(() => {
    if (quiet) watch(watchDevices);
  }, [quiet]);
  switch (at.page) {
    case 'ward':
      return <WardPage />;
    case 'patients':
      return <PatientsPage />;
    case 'patient':
      return <PatientPage key={at.id} id={at.id} view={at.view} />;
    case 'devices':
      return <DevicesPage />;
    case 'quarantine':
      return <QuarantinePage item={at.item} />;
    case 'record':
      return <RecordPage at={at} />;
    case 'audit':
      return <AuditPage view={at} />;
    case 'status':
      return <StatusPage />;
    case 'account':
      return <AccountPage />;
    case 'components':
      return <ComponentsPage />;
    case 'unknown':
      return <UnknownPage path={at.path} />;
  }
}

export function App() {
  useSignalEffect(() => {
    const root = document.documentElement;
    root.dataset.theme = appearance.value;
    root.dataset.connection = isLost.value ? 'lost' : 'held';
    root.lang = languageInUse.value;
  });
  const who = signedIn.value;
  if (who.state === 'asking')
    return (
      <p class="page-note" role="status">
        {t('app.loading', { what: t('app.name') })}
      </p>
    );
  if (who.state !== 'in') return <SignInPage who={who} />;
  if (who.session.set_up_first) return <SetUpPage />;
  return (
    <Shell session={who.session} at={route.value}>
      <Page at={route.value} />
    </Shell>
  );
}
