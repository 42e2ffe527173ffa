// A patient's limits: what holds, what the unit has, who changed what and why, and the way back.
import { useSignal } from '@preact/signals';
import { differing } from '../alarm/limit_wish';
import { readLimits, setLimit, unsetLimit } from '../api/alarm_calls';
import type { AlarmLimit, AlarmLimits } from '../api/alarm_shapes';
import { useFetched } from '../state/fetched';
import { may } from '../state/me';
import { localMinute } from '../vital/format';
import { locale, t } from '../words';
import { AlarmMark } from './alarm_mark';
import { conditionWords } from './alarm_words';
import { Dialog } from './dialog';
import { errorText } from './error_text';
import { Field, onSubmit, Outcome, textOf } from './form';
import { delayText, LimitFields, limitText, wishOf } from './limit_fields';
import { Table, type Column } from './table';
import './limits_dialog.css';

/** What holds, and beside it what the unit has where that is something else. */
function Value({ limit }: { limit: AlarmLimit }) {
  const unit = limit.unit_default;
  const isOwn = differing(limit).some((name) => name === 'limit' || name === 'enabled');
  return (
    <>
      <strong>{limitText(limit, limit.unit_shown)}</strong>
      {isOwn && (
        <small class="quiet">
          {t('limits.unit', { value: limitText(unit, limit.unit_shown) })}
        </small>
      )}
    </>
  );
}

function Delay({ limit }: { limit: AlarmLimit }) {
  const isOwn = differing(limit).some((name) => name === 'on_delay_s' || name === 'off_delay_s');
  return (
    <>
      {delayText(limit)}
      {isOwn && (
        <small class="quiet">{t('limits.unit', { value: delayText(limit.unit_default) })}</small>
      )}
    </>
  );
}

function Changed({ limit: { changed } }: { limit: AlarmLimit }) {
  if (!changed) return <span class="quiet">{t('limits.units')}</span>;
  const time = localMinute(Date.parse(changed.since), locale.value);
  return (
    <>
      {t('limits.changed', { who: changed.by, time })}
      <small class="quiet">{changed.reason}</small>
    </>
  );
}

type Doing = { what: 'list' } | { what: 'change' | 'reset'; limit: AlarmLimit };

function columns(act: ((doing: Doing) => void) | null): Column<AlarmLimit>[] {
  const all: Column<AlarmLimit>[] = [
    {
      title: t('limits.condition'),
      cell: (limit) => conditionWords(limit),
      names: true,
      wraps: true,
    },
    { title: t('limits.limit'), cell: (limit) => <Value limit={limit} /> },
    { title: t('limits.delay'), cell: (limit) => <Delay limit={limit} /> },
    { title: t('limits.priority'), cell: (limit) => <AlarmMark priority={limit.priority} /> },
    { title: t('limits.from'), cell: (limit) => <Changed limit={limit} />, wraps: true },
  ];
  if (!act) return all;
  const acts = (limit: AlarmLimit) => (
    <span class="limits__acts">
      <button
        aria-label={t('limits.change_of', { condition: conditionWords(limit) })}
        onClick={() => act({ what: 'change', limit })}
      >
        {t('limits.change')}
      </button>
      {limit.changed && (
        <button
          aria-label={t('limits.reset_of', { condition: conditionWords(limit) })}
          onClick={() => act({ what: 'reset', limit })}
        >
          {t('limits.reset')}
        </button>
      )}
    </span>
  );
  return [...all, { title: t('limits.acts'), cell: acts }];
}

/** `act` sets it, or takes it back to the unit's; what it answers is the limits as they are then. */
function Editor({
  patient,
  doing,
  onDone,
}: {
  patient: string;
  doing: Exclude<Doing, { what: 'list' }>;
  /** Null: left as it is. */
  onDone: (limits: AlarmLimits | null) => void;
}) {
  const { what, limit } = doing;
  const trouble = useSignal<string | null>(null);
  const submit = async (form: FormData) => {
    const reason = textOf(form, 'reason');
    const wish = wishOf(limit, form);
    const answer = await (what === 'reset'
      ? unsetLimit(patient, limit.condition, reason)
      : setLimit(patient, limit.condition, { ...wish, reason }));
    trouble.value = answer.ok ? null : errorText(answer.error);
    if (answer.ok) onDone(answer.body);
    return answer.ok;
  };
  return (
    <form class="fields" onSubmit={onSubmit(submit)}>
      <h3>{conditionWords(limit)}</h3>
      <p class="quiet">
        {t('limits.unit', {
          value: `${limitText(limit.unit_default, limit.unit_shown)}, ${delayText(limit.unit_default)}`,
        })}
      </p>
      {what === 'change' && <LimitFields limit={limit} />}
      <Field label={t('pause.reason')} hint={t('pause.reason_hint')}>
        <input name="reason" required maxLength={250} autoComplete="off" />
      </Field>
      <Outcome text={trouble.value} />
      <div class="actions">
        <button type="button" onClick={() => onDone(null)}>
          {t('app.cancel')}
        </button>
        <button class="primary">{t(what === 'reset' ? 'limits.reset' : 'limits.set')}</button>
      </div>
    </form>
  );
}

export function LimitsDialog({ patient, onClose }: { patient: string; onClose: () => void }) {
  const fetched = useFetched({
    key: patient,
    ask: (signal) => readLimits(patient, signal),
  }).value;
  const newer = useSignal<AlarmLimits | null>(null);
  const doing = useSignal<Doing>({ what: 'list' });
  const limits = newer.value ?? (fetched.state === 'here' ? fetched.body : null);
  const done = (after: AlarmLimits | null) => {
    if (after) newer.value = after;
    doing.value = { what: 'list' };
  };
  const act = may('vitals', 'w') ? (next: Doing) => (doing.value = next) : null;
  const at = doing.value;
  return (
    <div class="limits">
      <Dialog title={t('limits.title')} onClose={onClose}>
        {fetched.state === 'failed' && <p role="alert">{errorText(fetched.error)}</p>}
        {!limits && fetched.state !== 'failed' && (
          <p role="status">{t('app.loading', { what: t('limits.title') })}</p>
        )}
        {limits && at.what !== 'list' && <Editor patient={patient} doing={at} onDone={done} />}
        {limits && at.what === 'list' && (
          <>
            <p class="quiet">
              {t('limits.of', {
                class: t(`age_class.${limits.age_class}`),
                unit: limits.unit ?? '',
              })}
            </p>
            <Table
              caption={t('limits.title')}
              columns={columns(act)}
              rows={limits.limits}
              keyOf={(limit) => limit.condition}
            />
          </>
        )}
      </Dialog>
    </div>
  );
}
