// Emergency access, for as long as it lasts: on every page, until when, why, and the way to give it up.
import { useSignal } from '@preact/signals';
import { emergenciesNow, isInCare } from '../access/relations';
import { endRelation } from '../api/access_calls';
import type { Relation } from '../api/access_shapes';
import { loadMe, me } from '../state/me';
import { go, hrefOfPatient, route } from '../state/route';
import { ward } from '../state/watch';
import { localTimeOfDay } from '../vital/format';
import { locale, t } from '../words';
import { errorText } from './error_text';
import './emergency_banner.css';

/** Whoever has the patient in their care all the same stays with them. */
function staysWith(patient: string): boolean {
  const bed = ward.beds.peek()?.find((one) => one.patient.patient.peek().id === patient);
  const who = me.peek();
  return who !== null && isInCare(who, patient, bed?.unit ?? null);
}

function Emergency({ relation }: { relation: Relation }) {
  const working = useSignal(false);
  const trouble = useSignal<string | null>(null);
  const { patient, to, reason } = relation;
  const at = route.value;
  const isHere = at.page === 'patient' && at.id === patient;
  const giveUp = async () => {
    working.value = true;
    const answer = await endRelation(relation.id);
    working.value = false;
    trouble.value = answer.ok ? null : errorText(answer.error);
    await loadMe();
    if (answer.ok && isHere && !staysWith(patient)) go({ page: 'ward' });
  };
  return (
    <section class="emergency" aria-label={t('emergency.yours')}>
      <p>
        <strong>
          {to === null
            ? t('emergency.banner')
            : t('emergency.until', { time: localTimeOfDay(Date.parse(to), locale.value) })}
        </strong>{' '}
        {!isHere && (
          <a href={hrefOfPatient(patient)}>{t('access.patient_number', { id: patient })}</a>
        )}{' '}
        <span>{reason}</span>
      </p>
      <button disabled={working.value} onClick={() => void giveUp()}>
        {t('emergency.give_up')}
      </button>
      {trouble.value && <p role="alert">{trouble.value}</p>}
    </section>
  );
}

export function EmergencyBanner({
  relations,
  nowMs,
}: {
  relations: readonly Relation[];
  nowMs: number;
}) {
  return (
    <>
      {emergenciesNow(relations, nowMs).map((relation) => (
        <Emergency key={relation.id} relation={relation} />
      ))}
    </>
  );
}
