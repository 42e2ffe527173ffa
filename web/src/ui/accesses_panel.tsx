// Who looked at a patient's data, or changed it: for the patient, and for those who care for them.
import { useSignal } from '@preact/signals';
import { groupAccesses, type AccessGroup } from '../access/accesses';
import { readAccesses } from '../api/access_calls';
import type { Me, PatientAccess } from '../api/access_shapes';
import type { ApiErrorBody } from '../api/shapes';
import { localSpan } from '../vital/format';
import { locale, t } from '../words';
import { errorText } from './error_text';
import './relations_panel.css';

const acts = {
  read: 'accesses.read',
  write: 'accesses.write',
  administer: 'accesses.administer',
} as const;

function Entry({ group }: { group: AccessGroup }) {
  return (
    <li>
      <div>
        <strong>{group.name}</strong> <span class="quiet">{group.role}</span>
        <p>
          {!group.permitted && <strong>{t('accesses.refused')}: </strong>}
          {group.emergency && <strong>{t('accesses.emergency')}: </strong>}
          {t(acts[group.act], { n: group.n })}
        </p>
        <p class="quiet">{localSpan(group.from, group.to, locale.value)}</p>
      </div>
    </li>
  );
}

export function AccessesPanel({ patient, me }: { patient: string; me: Me }) {
  const lines = useSignal<PatientAccess[] | null>(null);
  const next = useSignal<number | null>(null);
  const failed = useSignal<ApiErrorBody | null>(null);
  const isMine = me.relations.some((one) => one.kind === 'self' && one.patient === patient);
  const more = async () => {
    const answer = await readAccesses(patient, next.value);
    failed.value = answer.ok ? null : answer.error;
    if (!answer.ok) return;
    lines.value = [...(lines.value ?? []), ...answer.body.lines];
    next.value = answer.body.next;
  };
  const shown = lines.value;
  return (
    <section class="relations" aria-labelledby="accesses-title">
      <header class="origin__head">
        <h2 id="accesses-title">{t(isMine ? 'accesses.mine' : 'accesses.title')}</h2>
        {shown === null && <button onClick={() => void more()}>{t('accesses.show')}</button>}
      </header>
      {failed.value && <p class="notice">{errorText(failed.value)}</p>}
      {shown && (
        <>
          <p class="quiet">{t('accesses.means')}</p>
          {shown.length === 0 && <p class="quiet">{t('accesses.none')}</p>}
          <ul>
            {groupAccesses(shown).map((group) => (
              <Entry key={`${group.to} ${group.who} ${group.act}`} group={group} />
            ))}
          </ul>
          {next.value !== null && (
            <button onClick={() => void more()}>{t('accesses.older')}</button>
          )}
        </>
      )}
    </section>
  );
}
