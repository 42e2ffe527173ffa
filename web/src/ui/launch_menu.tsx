// Opens an app for a patient: SMART App Launch 2.2, launch from an EHR. Nothing where there is no app.
import { useSignal } from '@preact/signals';
import { webAddress } from '../access/app_address';
import { launchApp, readLaunchable } from '../api/app_calls';
import type { Launchable } from '../api/app_shapes';
import type { Patient } from '../api/shapes';
import { useFetched } from '../state/fetched';
import { t } from '../words';
import { Dialog } from './dialog';
import { errorText } from './error_text';
import { Outcome } from './form';

/** The tab knows nothing of this page, and cannot lead it elsewhere. */
function openTab(href: string): void {
  const link = document.createElement('a');
  Object.assign(link, { href, target: '_blank', rel: 'noopener noreferrer' });
  link.click();
}

function Menu({
  patient,
  apps,
  onClose,
}: {
  patient: Patient;
  apps: readonly Launchable[];
  onClose: () => void;
}) {
  const trouble = useSignal<string | null>(null);
  const working = useSignal(false);
  const opened = useSignal<{ name: string; href: string } | null>(null);
  const open = async ({ client_id, name }: Launchable) => {
    working.value = true;
    opened.value = null;
    const answer = await launchApp(client_id, patient.id);
    working.value = false;
    const href = answer.ok ? webAddress(answer.body.url) : null;
    trouble.value = answer.ok
      ? href === null
        ? t('consent.no_address')
        : null
      : errorText(answer.error);
    if (href === null) return;
    openTab(href);
    opened.value = { name, href };
  };
  const there = opened.value;
  return (
    <Dialog title={t('launch.title', { patient: patient.display_name })} onClose={onClose}>
      <p class="quiet">{t('launch.means')}</p>
      <ul class="launch-menu">
        {apps.map((app) => (
          <li key={app.client_id}>
            <button disabled={working.value} onClick={() => void open(app)}>
              <bdi>{app.name}</bdi>
            </button>
          </li>
        ))}
      </ul>
      <Outcome text={trouble.value} />
      <div role="status" class="said">
        {there && (
          <p class="notice">
            {t('launch.opened')}{' '}
            <a href={there.href} target="_blank" rel="noopener noreferrer">
              {t('launch.link', { name: there.name })}
            </a>
          </p>
        )}
      </div>
    </Dialog>
  );
}

export function LaunchMenu({ patient }: { patient: Patient }) {
  const open = useSignal(false);
  const fetched = useFetched({ key: 'launches', ask: readLaunchable }).value;
  const apps = fetched.state === 'here' ? fetched.body.apps : [];
  if (apps.length === 0) return null;
  return (
    <>
      <button onClick={() => (open.value = true)}>{t('launch.open')}</button>
      {open.value && <Menu patient={patient} apps={apps} onClose={() => (open.value = false)} />}
    </>
  );
}
