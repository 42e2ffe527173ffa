// Who may see a patient beside the people of the unit, and why: for those who care for them, and for
// the patient, who lets caregivers in and ends it.
import { useSignal } from '@preact/signals';
import { kinds, neededFor, sortRelations } from '../access/relations';
import { endRelation, readRelations } from '../api/access_calls';
import type { Me, Relation, RelationKind } from '../api/access_shapes';
import { useFetched } from '../state/fetched';
import { loadMe, mayDo } from '../state/me';
import { now } from '../state/watch';
import { localMinute, localSpan } from '../vital/format';
import { locale, t } from '../words';
import { AddRelationDialog } from './add_relation_dialog';
import { ConfirmDialog } from './confirm_dialog';
import { errorText } from './error_text';
import './relations_panel.css';

function spanText({ from, to }: Relation): string {
  return to === null
    ? t('relations.since', { from: localMinute(Date.parse(from), locale.value) })
    : localSpan(Date.parse(from), Date.parse(to), locale.value);
}

const nameOf = (relation: Relation) => relation.display_name || relation.account;

/** Whoever has it may give it up; a patient's tie to their own data is the administrators'. */
function mayEnd(relation: Relation, me: Me): boolean {
  const [area, act] = neededFor(relation.kind);
  return mayDo(me, area, act) || (relation.account === me.username && relation.kind !== 'self');
}

const mayAdd = (kind: RelationKind, me: Me) =>
  kind !== 'emergency' && mayDo(me, ...neededFor(kind));

function Review({ relation }: { relation: Relation }) {
  if (relation.kind !== 'emergency') return null;
  const { review } = relation;
  return (
    <p class="quiet">
      {review
        ? t('relations.reviewed', { by: review.by, finding: review.finding })
        : t('relations.not_reviewed')}
    </p>
  );
}

function Line({ relation, onEnd }: { relation: Relation; onEnd: (() => void) | null }) {
  const { role, reason, account } = relation;
  return (
    <li>
      <div>
        <strong>{nameOf(relation)}</strong>{' '}
        <span class="quiet">
          {[role && t(`role.${role}`), nameOf(relation) === account ? null : account]
            .filter(Boolean)
            .join(' · ')}
        </span>
        <p class="quiet">{spanText(relation)}</p>
        {reason && <p>{t('relations.reason', { reason })}</p>}
        <Review relation={relation} />
      </div>
      {onEnd && (
        <button onClick={onEnd} aria-label={t('relations.end_of', { name: nameOf(relation) })}>
          {t('relations.end')}
        </button>
      )}
    </li>
  );
}

function Held({
  relations,
  me,
  isMine,
  onEnd,
}: {
  relations: ReturnType<typeof sortRelations>;
  me: Me;
  isMine: boolean;
  onEnd: (relation: Relation) => void;
}) {
  const nameOfKind = (kind: RelationKind) =>
    t(isMine && kind === 'self' ? 'relations.kind.self_mine' : `relations.kind.${kind}`);
  const { held, ended } = relations;
  const shown = kinds.filter((kind) => held[kind].length > 0);
  return (
    <>
      {shown.length === 0 && <p class="quiet">{t('relations.none')}</p>}
      {shown.map((kind) => (
        <section key={kind} aria-label={nameOfKind(kind)}>
          <h3>{nameOfKind(kind)}</h3>
          <ul>
            {held[kind].map((relation) => (
              <Line
                key={relation.id}
                relation={relation}
                onEnd={mayEnd(relation, me) ? () => onEnd(relation) : null}
              />
            ))}
          </ul>
        </section>
      ))}
      {ended.length > 0 && (
        <details>
          <summary>{t('relations.ended', { n: ended.length })}</summary>
          <ul>
            {ended.map((relation) => (
              <Line key={relation.id} relation={relation} onEnd={null} />
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

export function RelationsPanel({ patient, unit, me }: { patient: string; unit: string; me: Me }) {
  const turn = useSignal(0);
  const ending = useSignal<Relation | null>(null);
  const adding = useSignal(false);
  const fetched = useFetched({
    key: `${patient} ${turn.value}`,
    ask: (signal) => readRelations(patient, signal),
  }).value;
  const isMine = me.relations.some((one) => one.kind === 'self' && one.patient === patient);
  const changed = () => {
    turn.value += 1;
    void loadMe();
  };
  const end = async (relation: Relation) => {
    const answer = await endRelation(relation.id);
    if (!answer.ok) return errorText(answer.error);
    ending.value = null;
    changed();
    return null;
  };
  const addable = kinds.filter((kind) => mayAdd(kind, me));
  const going = ending.value;
  return (
    <section class="relations" aria-labelledby="relations-title">
      <header class="origin__head">
        <h2 id="relations-title">{t(isMine ? 'relations.mine' : 'relations.title')}</h2>
        {addable.length > 0 && (
          <button onClick={() => (adding.value = true)}>
            {t(isMine ? 'relations.let_in' : 'relations.add')}
          </button>
        )}
      </header>
      <p class="quiet">{unit === '' ? t('relations.staff') : t('relations.staff_of', { unit })}</p>
      {fetched.state === 'failed' && <p class="notice">{errorText(fetched.error)}</p>}
      {fetched.state === 'here' && (
        <Held
          relations={sortRelations(fetched.body.relations, now.value)}
          me={me}
          isMine={isMine}
          onEnd={(relation) => (ending.value = relation)}
        />
      )}
      {adding.value && (
        <AddRelationDialog
          patient={patient}
          kinds={addable}
          isMine={isMine}
          suggests={mayDo(me, 'accounts')}
          onAdded={() => {
            adding.value = false;
            changed();
          }}
          onClose={() => (adding.value = false)}
        />
      )}
      {going && (
        <ConfirmDialog
          title={t('relations.end_of', { name: nameOf(going) })}
          act={t('relations.end_now')}
          onConfirm={() => end(going)}
          onClose={() => (ending.value = null)}
        >
          <p>{t('relations.end_means', { name: nameOf(going) })}</p>
        </ConfirmDialog>
      )}
    </section>
  );
}
