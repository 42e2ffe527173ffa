// Which apps see data in one's name: what each may do, for whom, since when and until when; and the end.
import { useSignal } from '@preact/signals';
import { endGrant, readGrants } from '../api/app_calls';
import type { Grant } from '../api/app_shapes';
import { readPatients } from '../api/calls';
import { useFetched } from '../state/fetched';
import { useLatest } from '../state/latest';
import { may } from '../state/me';
import { localMinute } from '../vital/format';
import { locale, t } from '../words';
import { ConfirmDialog } from './confirm_dialog';
import { errorText } from './error_text';
import { Outcome } from './form';
import { ScopeList } from './scope_list';
import './own_apps_section.css';

const timeOf = (text: string) => localMinute(Date.parse(text), locale.value);

function OwnApp({
  grant,
  patient,
  onEnd,
}: {
  grant: Grant;
  patient: string | null;
  onEnd: () => void;
}) {
  const { name, scopes, given, expires } = grant;
  return (
    <li class="own-app">
      <div class="own-app__head">
        <h3>
          <bdi>{name}</bdi>
        </h3>
        <button onClick={onEnd} aria-label={t('own_apps.end_of', { name })}>
          {t('own_apps.end')}
        </button>
      </div>
      {patient !== null && <p>{t('own_apps.patient', { patient })}</p>}
      <p class="quiet">
        {t('own_apps.since', { time: timeOf(given) })} ·{' '}
        {t('own_apps.until', { time: timeOf(expires) })}
      </p>
      <details>
        <summary>{t('own_apps.may')}</summary>
        <ScopeList scopes={scopes} />
      </details>
    </li>
  );
}

/** By name where the account reaches them; asked for only where an app has one. */
function useNames(grants: readonly Grant[]) {
  const asks = grants.some(({ patient }) => patient !== null) && may('patients');
  const fetched = useFetched(asks ? { key: 'patients', ask: readPatients } : null).value;
  const patients = fetched.state === 'here' ? fetched.body.patients : [];
  return ({ patient: id }: Grant): string | null => {
    if (id === null) return null;
    const known = patients.find((one) => one.id === id);
    return known?.display_name ?? t('access.patient_number', { id });
  };
}

export function OwnAppsSection() {
  const turn = useSignal(0);
  const ending = useSignal<Grant | null>(null);
  const outcome = useSignal<string | null>(null);
  const fetched = useFetched({ key: `apps ${turn.value}`, ask: readGrants }).value;
  const grants = useLatest(fetched)?.apps ?? null;
  const nameOf = useNames(grants ?? []);
  const end = async ({ grant, name }: Grant) => {
    const answer = await endGrant(grant);
    if (!answer.ok) return errorText(answer.error);
    outcome.value = t('own_apps.ended', { name });
    ending.value = null;
    turn.value += 1;
    return null;
  };
  const now = ending.value;
  return (
    <section class="own-apps" aria-labelledby="own-apps">
      <header class="page__head">
        <h2 id="own-apps">{t('own_apps.title')}</h2>
        {grants && <p class="quiet">{t('own_apps.count', { n: grants.length })}</p>}
      </header>
      <Outcome text={outcome.value} />
      {fetched.state === 'failed' && (
        <p class="notice">
          {t('own_apps.failed')} {errorText(fetched.error)}
        </p>
      )}
      {grants?.length === 0 && <p class="quiet">{t('own_apps.none')}</p>}
      {grants !== null && grants.length > 0 && (
        <ul class="own-apps__list">
          {grants.map((grant) => (
            <OwnApp
              key={grant.grant}
              grant={grant}
              patient={nameOf(grant)}
              onEnd={() => (ending.value = grant)}
            />
          ))}
        </ul>
      )}
      {now && (
        <ConfirmDialog
          title={t('own_apps.end_of', { name: now.name })}
          act={t('own_apps.end_now')}
          onConfirm={() => end(now)}
          onClose={() => (ending.value = null)}
        >
          <p>{t('own_apps.end_means', { name: now.name })}</p>
        </ConfirmDialog>
      )}
    </section>
  );
}
