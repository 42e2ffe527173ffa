// The limits that a unit's patients start with: what holds, what Vigil comes with, and changes that wait for a
// second person.
import { useSignal } from '@preact/signals';
import { changedNames, changesOf } from '../alarm/profile_view';
import type { AgeClass } from '../api/alarm_shapes';
import { confirmProposal, proposeLimit, readProfile, rejectProposal } from '../api/profile_calls';
import type { Profile, Proposal, UnitLimit } from '../api/profile_shapes';
import { unitsOf, usePeople } from '../state/alarm_units';
import { useFetched } from '../state/fetched';
import { may, me } from '../state/me';
import { go, type DefaultsView } from '../state/route';
import { AlarmMark } from '../ui/alarm_mark';
import { AlarmTabs } from '../ui/alarm_tabs';
import { conditionWords } from '../ui/alarm_words';
import { Dialog } from '../ui/dialog';
import { errorText } from '../ui/error_text';
import { Field, onSubmit, Outcome, textOf } from '../ui/form';
import { delayText, LimitFields, limitText, wishOf } from '../ui/limit_fields';
import { changeText, settingText } from '../ui/setting_words';
import { Table, type Column } from '../ui/table';
import { localMinute } from '../vital/format';
import { locale, t } from '../words';
import { defaultWords as d } from '../words/defaults';
import './audit_page.css';
import './defaults_page.css';

const ageClasses: readonly AgeClass[] = ['adult', 'paediatric', 'neonate'];

// --- What waits

const proposalName = (proposal: Proposal): string =>
  d('waits_of', {
    condition: conditionWords(proposal),
    class: t(`age_class.${proposal.age_class}`),
  });

interface Decided {
  onDecided: (profile: Profile, said: string) => void;
}

function Waiting({
  proposal,
  limits,
  onDecided,
  onReject,
}: Decided & {
  proposal: Proposal;
  /** Of the age class that is shown. */
  limits: readonly UnitLimit[];
  onReject: () => void;
}) {
  const trouble = useSignal<string | null>(null);
  const words = { proposal: proposalName(proposal) };
  const isOwn = proposal.by === me.value?.username;
  const unit = limits.find((one) => one.condition === proposal.condition)?.unit_shown ?? '';
  const confirm = async () => {
    const answer = await confirmProposal(proposal.id);
    trouble.value = answer.ok ? null : errorText(answer.error);
    if (answer.ok) onDecided(answer.body, d('confirmed', words));
  };
  return (
    <li class="proposal">
      <h3>{words.proposal}</h3>
      <p>
        {changesOf(proposal, limits)
          .map((change) => changeText(change, unit))
          .join('; ')}
      </p>
      <p class="quiet">
        {d('by', {
          who: proposal.by,
          time: localMinute(Date.parse(proposal.time), locale.value),
          reason: proposal.reason,
        })}
      </p>
      {isOwn && <p class="quiet">{d('own')}</p>}
      <Outcome text={trouble.value} />
      {may('vitals', 'w') && (
        <div class="table__pair">
          {!isOwn && (
            <button
              class="primary"
              aria-label={d('confirm_of', words)}
              onClick={() => void confirm()}
            >
              {d('confirm')}
            </button>
          )}
          <button aria-label={d(isOwn ? 'withdraw_of' : 'reject_of', words)} onClick={onReject}>
            {d(isOwn ? 'withdraw' : 'reject')}
          </button>
        </div>
      )}
    </li>
  );
}

function RejectDialog({
  proposal,
  onDecided,
  onClose,
}: Decided & { proposal: Proposal; onClose: () => void }) {
  const trouble = useSignal<string | null>(null);
  const words = { proposal: proposalName(proposal) };
  const submit = async (form: FormData) => {
    const answer = await rejectProposal(proposal.id, textOf(form, 'reason'));
    trouble.value = answer.ok ? null : errorText(answer.error);
    if (answer.ok) onDecided(answer.body, d('rejected', words));
    return answer.ok;
  };
  return (
    <Dialog title={d('reject_title')} onClose={onClose}>
      <form class="fields" onSubmit={onSubmit(submit)}>
        <p>{words.proposal}</p>
        <Field label={t('pause.reason')} hint={t('pause.reason_hint')}>
          <input name="reason" required maxLength={250} autoComplete="off" />
        </Field>
        <Outcome text={trouble.value} />
        <div class="actions">
          <button type="button" onClick={onClose}>
            {t('app.cancel')}
          </button>
          <button class="primary">{d('reject_do')}</button>
        </div>
      </form>
    </Dialog>
  );
}

// --- What holds

/** As shipped, or what of it the unit has set otherwise. */
function Shipped({ limit }: { limit: UnitLimit }) {
  const { shipped, unit_shown, source } = limit;
  const names = changedNames(limit);
  return (
    <>
      {names.length === 0 ? (
        <span class="quiet">{d('unchanged')}</span>
      ) : (
        names.map((name) => (
          <span key={name} class="defaults__line">
            {d('set', {
              name: d(`name.${name}`),
              to: settingText(name, shipped[name], unit_shown),
            })}
          </span>
        ))
      )}
      <small class="table__aside" lang="en">
        {d('source', { source })}
      </small>
    </>
  );
}

const columns = (propose: ((limit: UnitLimit) => void) | null): Column<UnitLimit>[] => [
  {
    title: t('limits.condition'),
    names: true,
    wraps: true,
    cell: (limit) => conditionWords(limit),
  },
  {
    title: t('limits.limit'),
    cell: (limit) => <strong>{limitText(limit, limit.unit_shown)}</strong>,
  },
  { title: t('limits.delay'), cell: delayText },
  { title: t('limits.priority'), cell: ({ priority }) => <AlarmMark priority={priority} /> },
  { title: d('column.shipped'), wraps: true, cell: (limit) => <Shipped limit={limit} /> },
  ...(propose
    ? [
        {
          title: t('limits.acts'),
          cell: (limit: UnitLimit) => (
            <button
              aria-label={d('propose_of', { condition: conditionWords(limit) })}
              onClick={() => propose(limit)}
            >
              {d('propose')}
            </button>
          ),
        },
      ]
    : []),
];

function ProposeDialog({
  limit,
  profile: { unit, age_class },
  onDecided,
  onClose,
}: Decided & { limit: UnitLimit; profile: Profile; onClose: () => void }) {
  const trouble = useSignal<string | null>(null);
  const submit = async (form: FormData) => {
    const wish = wishOf(limit, form);
    if (Object.keys(wish).length === 0) {
      trouble.value = d('no_change');
      return false;
    }
    const { condition } = limit;
    const reason = textOf(form, 'reason');
    const answer = await proposeLimit({ unit, age_class, condition, ...wish, reason });
    trouble.value = answer.ok ? null : errorText(answer.error);
    if (answer.ok) onDecided(answer.body, d('proposed', { condition: conditionWords(limit) }));
    return answer.ok;
  };
  return (
    <Dialog title={d('propose_title')} onClose={onClose}>
      <form class="fields" onSubmit={onSubmit(submit)}>
        <h3>{conditionWords(limit)}</h3>
        <p class="quiet">{d('propose_lead', { unit, class: t(`age_class.${age_class}`) })}</p>
        <LimitFields limit={limit} />
        <Field label={t('pause.reason')} hint={t('pause.reason_hint')}>
          <input name="reason" required maxLength={250} autoComplete="off" />
        </Field>
        <Outcome text={trouble.value} />
        <div class="actions">
          <button type="button" onClick={onClose}>
            {t('app.cancel')}
          </button>
          <button class="primary">{d('propose_do')}</button>
        </div>
      </form>
    </Dialog>
  );
}

type Doing = { what: 'propose'; limit: UnitLimit } | { what: 'reject'; proposal: Proposal } | null;

function Known({ profile, onDecided }: Decided & { profile: Profile }) {
  const doing = useSignal<Doing>(null);
  const { unit, age_class, limits, proposals } = profile;
  const title = d('limits', { unit, class: t(`age_class.${age_class}`) });
  const at = doing.value;
  const close = () => (doing.value = null);
  const decided: Decided['onDecided'] = (after, said) => {
    close();
    onDecided(after, said);
  };
  const propose = may('vitals', 'w')
    ? (limit: UnitLimit) => (doing.value = { what: 'propose', limit })
    : null;
  return (
    <>
      <section class="card" aria-labelledby="waiting">
        <h2 id="waiting">{d('waiting')}</h2>
        {proposals.length === 0 && <p class="quiet">{d('nothing_waits')}</p>}
        <ul class="proposals">
          {proposals.map((proposal) => (
            <Waiting
              key={proposal.id}
              proposal={proposal}
              limits={proposal.age_class === age_class ? limits : []}
              onDecided={decided}
              onReject={() => (doing.value = { what: 'reject', proposal })}
            />
          ))}
        </ul>
      </section>
      <section class="card" aria-labelledby="limits">
        <h2 id="limits">{title}</h2>
        <Table
          caption={title}
          columns={columns(propose)}
          rows={limits}
          keyOf={({ condition }) => condition}
        />
      </section>
      {at?.what === 'propose' && (
        <ProposeDialog limit={at.limit} profile={profile} onDecided={decided} onClose={close} />
      )}
      {at?.what === 'reject' && (
        <RejectDialog proposal={at.proposal} onDecided={decided} onClose={close} />
      )}
    </>
  );
}

function Choice({ units, at }: { units: readonly string[]; at: DefaultsView }) {
  const show = (view: Partial<DefaultsView>) => go({ page: 'defaults', ...at, ...view }, 'replace');
  return (
    <div class="audit-search" role="group" aria-label={d('title')}>
      <Field label={d('unit')}>
        <select value={at.unit} onChange={(event) => show({ unit: event.currentTarget.value })}>
          {units.map((unit) => (
            <option key={unit} value={unit}>
              {unit}
            </option>
          ))}
        </select>
      </Field>
      <Field label={d('age_class')}>
        <select
          value={at.ageClass}
          onChange={(event) => show({ ageClass: event.currentTarget.value as AgeClass })}
        >
          {ageClasses.map((one) => (
            <option key={one} value={one}>
              {t(`age_class.${one}`)}
            </option>
          ))}
        </select>
      </Field>
    </div>
  );
}

export function DefaultsPage({ view }: { view: DefaultsView }) {
  const people = usePeople().value;
  const units = me.value && people ? unitsOf(me.value, people.patients) : [];
  const at = { ...view, unit: view.unit || (units[0] ?? '') };
  const key = `${at.unit} ${at.ageClass}`;
  const fetched = useFetched(
    at.unit === '' ? null : { key, ask: (signal) => readProfile(at.unit, at.ageClass, signal) },
  ).value;
  const newer = useSignal<{ key: string; profile: Profile; said: string } | null>(null);
  const after = newer.value?.key === key ? newer.value : null;
  const profile = after?.profile ?? (fetched.state === 'here' ? fetched.body : null);
  // What is answered is of the proposal's age class, which may be another than the one shown.
  const decided = (answered: Profile, said: string) => {
    const isShown = answered.unit === at.unit && answered.age_class === at.ageClass;
    if (isShown) newer.value = { key, profile: answered, said };
    else if (profile)
      newer.value = { key, profile: { ...profile, proposals: answered.proposals }, said };
  };
  const error = people?.error ?? (fetched.state === 'failed' ? fetched.error : null);
  return (
    <div class="page page--alone">
      <header class="page__head">
        <h1>{d('title')}</h1>
        <p class="quiet">{d('lead')}</p>
        <AlarmTabs at="defaults" />
      </header>
      <Outcome text={error ? errorText(error) : (after?.said ?? null)} />
      {people && units.length === 0 && <p class="quiet">{d('no_unit')}</p>}
      {units.length > 0 && <Choice units={units} at={at} />}
      {profile && <Known profile={profile} onDecided={decided} />}
    </div>
  );
}
