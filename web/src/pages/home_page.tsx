// Where whoever does not watch a ward begins: a patient with their own data, a caregiver with those
// whom they care for, everybody else with the first page that is theirs.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ownPatients } from '../access/relations';
import { isOwnView } from '../access/roles';
import type { Me, Relation } from '../api/access_shapes';
import { readPatients } from '../api/calls';
import type { ApiErrorBody, Patient } from '../api/shapes';
import { loadMe } from '../state/me';
import {
  auditRoute,
  go,
  hrefOfPatient,
  defaultSpanS,
  recordRoute,
  type Route,
} from '../state/route';
import { now } from '../state/watch';
import { errorText } from '../ui/error_text';
import { mayOpen } from '../ui/pages_list';
import { t } from '../words';
import './access.css';

/** Somebody may be let in while they wait. */
const refreshMs = 10_000;

const firstChoice: readonly Route[] = [
  { page: 'emergencies', all: false },
  auditRoute(),
  { page: 'devices' },
  recordRoute(),
];

function OwnPatient({ relation, name }: { relation: Relation; name: string | null }) {
  return (
    <li>
      <a class="own-patient" href={hrefOfPatient(relation.patient)}>
        <strong>{name ?? t('access.patient_number', { id: relation.patient })}</strong>
        <span class="quiet">
          {t(relation.kind === 'self' ? 'access.own.self' : 'access.own.caregiver')}
        </span>
      </a>
    </li>
  );
}

/** Several of them, or nobody yet. */
function OwnPatients({ who, own }: { who: Me; own: readonly Relation[] }) {
  const patients = useSignal<Patient[]>([]);
  const failed = useSignal<ApiErrorBody | null>(null);
  const key = own.map(({ patient }) => patient).join();
  useEffect(() => {
    const refreshing = setInterval(() => void loadMe(), refreshMs);
    return () => clearInterval(refreshing);
  }, []);
  useEffect(() => {
    if (key === '') return;
    void readPatients().then((answer) => {
      failed.value = answer.ok ? null : answer.error;
      if (answer.ok) patients.value = answer.body.patients;
    });
  }, [key, patients, failed]);
  const nameOf = (id: string) => patients.value.find((one) => one.id === id)?.display_name ?? null;
  if (own.length === 0)
    return (
      <div class="calm">
        <h1>{t(who.role === 'patient' ? 'access.own.none' : 'access.own.nobody')}</h1>
        <p>
          {t(who.role === 'patient' ? 'access.own.none_how' : 'access.own.nobody_how', {
            username: who.username,
          })}
        </p>
      </div>
    );
  return (
    <div class="calm">
      <h1>{t('access.own.choose')}</h1>
      {failed.value && <p class="notice">{errorText(failed.value)}</p>}
      <ul class="own-patients">
        {own.map((relation) => (
          <OwnPatient key={relation.id} relation={relation} name={nameOf(relation.patient)} />
        ))}
      </ul>
    </div>
  );
}

export function HomePage({ who }: { who: Me }) {
  const own = isOwnView(who.role) ? ownPatients(who.relations, now.value) : [];
  const only = own.length === 1 ? own[0] : undefined;
  const to: Route | undefined = only
    ? { page: 'patient', id: only.patient, view: { spanS: defaultSpanS, toMs: null } }
    : isOwnView(who.role)
      ? undefined
      : firstChoice.find(({ page }) => mayOpen(page, who));
  const key = JSON.stringify(to);
  useEffect(() => {
    if (to) go(to, 'replace');
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `key` stands for it
  }, [key]);
  if (to) return null;
  if (isOwnView(who.role)) return <OwnPatients who={who} own={own} />;
  return (
    <div class="calm">
      <h1>{t('access.nothing')}</h1>
      <p>{t('access.closed_how')}</p>
    </div>
  );
}
