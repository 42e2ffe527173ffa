// What could not be read: why, its bytes, and what to do about it.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import {
  addDevice,
  attachDevice,
  dismissQuarantined,
  readPatients,
  readQuarantine,
  readQuarantined,
  replayQuarantined,
} from '../api/calls';
import type {
  ApiErrorBody,
  Device,
  Patient,
  QuarantineAnswer,
  QuarantineItem,
  Secret,
} from '../api/shapes';
import { useFetched } from '../state/fetched';
import { go, hrefOf } from '../state/route';
import { errorText, sentence } from '../ui/error_text';
import { Outcome } from '../ui/form';
import { QuarantineDetailCard } from '../ui/quarantine_detail';
import type { Registration } from '../ui/register_and_replay';
import { SecretDialog } from '../ui/secret_dialog';
import { Table, type Column } from '../ui/table';
import { localBytes, localDateTime } from '../vital/format';
import { unknownDevice, type UnknownDevice } from '../vital/unknown_device';
import { locale, t } from '../words';

const refreshMs = 5000;

const states = ['open', 'replayed', 'dismissed'] as const;
type State = (typeof states)[number];

const columns = (): Column<QuarantineItem>[] => [
  {
    title: t('quarantine.column.received'),
    names: true,
    cell: (item) => {
      const time = localDateTime(Date.parse(item.receive_time), locale.value);
      return (
        <a
          href={hrefOf({ page: 'quarantine', item: item.id })}
          aria-label={t('quarantine.open_item', { sender: item.sender, time })}
        >
          {time}
        </a>
      );
    },
    sort: (item) => Date.parse(item.receive_time),
  },
  {
    title: t('quarantine.column.from'),
    cell: (item) => item.sender,
    sort: (item) => item.sender,
  },
  {
    title: t('quarantine.column.reason'),
    wraps: true,
    cell: (item) => (
      <>
        <span lang="en">{sentence(item.reason.message)}</span>{' '}
        <code class="quiet">{item.reason.place}</code>
      </>
    ),
    sort: (item) => item.reason.kind,
  },
  {
    title: t('quarantine.column.size'),
    cell: (item) => localBytes(item.size, locale.value),
    sort: (item) => item.size,
  },
];

/** A device's time is believed within a minute of receipt: what it measured lies no earlier. */
const measuredBeforeMs = 60_000;

const beforeAll = (items: readonly QuarantineItem[]) =>
  new Date(
    Math.min(...items.map((item) => Date.parse(item.receive_time))) - measuredBeforeMs,
  ).toISOString();

export function QuarantinePage({ item }: { item: string | null }) {
  const state = useSignal<State>('open');
  const answer = useSignal<QuarantineAnswer | null>(null);
  const failed = useSignal<ApiErrorBody | null>(null);
  const outcome = useSignal<string | null>(null);
  const patients = useSignal<Patient[]>([]);
  const fresh = useSignal<{ device: Device; secret: Secret } | null>(null);
  useEffect(() => {
    void readPatients().then((people) => {
      if (people.ok) patients.value = people.body.patients;
    });
  }, [patients]);
  const wanted = state.value;
  const load = async (which: State) => {
    const loaded = await readQuarantine(which);
    failed.value = loaded.ok ? null : loaded.error;
    if (loaded.ok) answer.value = loaded.body;
  };
  useEffect(() => {
    void load(wanted);
    const timer = setInterval(() => void load(wanted), refreshMs);
    return () => clearInterval(timer);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `load` only uses signals
  }, [wanted]);
  const detail = useFetched(
    item === null ? null : { key: item, ask: (signal) => readQuarantined(item, signal) },
  );
  const decided = (text: string) => {
    outcome.value = text;
    go({ page: 'quarantine', item: null }, 'replace');
    void load(state.peek());
  };
  const replay = async (id: string) => {
    const done = await replayQuarantined(id);
    if (!done.ok) outcome.value = errorText(done.error);
    else if (done.body.readings > 0) decided(t('quarantine.replayed', { n: done.body.readings }));
    else
      outcome.value = t('quarantine.still', { message: sentence(done.body.item.reason.message) });
  };
  const dismiss = async (id: string, note: string) => {
    const done = await dismissQuarantined(id, note);
    if (done.ok) decided(t('quarantine.dismissed'));
    else outcome.value = errorText(done.error);
  };
  /** One that was admitted late: its messages are filed for the patient it is attached to now. */
  const register = async (
    of: QuarantineItem,
    device: UnknownDevice,
    { display, patient }: Registration,
  ) => {
    const added = await addDevice({
      id: device.id,
      ...(display ? { display } : {}),
      ...(device.gateway === null ? {} : { gateway: device.gateway }),
    });
    if (!added.ok) {
      outcome.value = errorText(added.error);
      return;
    }
    if (added.body.secret) fresh.value = { device: added.body.device, secret: added.body.secret };
    const open = await readQuarantine('open');
    const waiting = (open.ok ? open.body.items : [of]).filter(
      (one) => unknownDevice(one)?.id === device.id,
    );
    if (patient) {
      const attached = await attachDevice(device.id, patient, beforeAll(waiting));
      if (!attached.ok) outcome.value = errorText(attached.error);
      if (!attached.ok) return;
    }
    // Oldest first, as they came.
    let readings = 0;
    for (const [n, one] of waiting.reverse().entries()) {
      outcome.value = t('quarantine.replaying', { at: n + 1, all: waiting.length });
      const done = await replayQuarantined(one.id);
      if (done.ok) readings += done.body.readings;
    }
    decided(
      `${t('quarantine.registered', { device: device.id })} ${t('quarantine.replayed', { n: readings })}`,
    );
  };
  const counts = answer.value?.counts ?? { open: 0, replayed: 0, dismissed: 0 };
  const items = answer.value?.items ?? [];
  return (
    <div class="page page--reads" data-chosen={item !== null}>
      <header class="page__head">
        <h1>{t('quarantine.title')}</h1>
        <p class="quiet">{t('quarantine.lead')}</p>
        {item !== null && (
          <a class="button page__back" href={hrefOf({ page: 'quarantine', item: null })}>
            {t('quarantine.back')}
          </a>
        )}
      </header>
      <Outcome text={outcome.value} />
      <div class="page__main">
        <div class="timeline__spans" role="group" aria-label={t('quarantine.state')}>
          {states.map((name) => (
            <button key={name} aria-pressed={name === wanted} onClick={() => (state.value = name)}>
              {t(`quarantine.state.${name}`, { n: counts[name] })}
            </button>
          ))}
        </div>
        {failed.value && <p class="notice">{errorText(failed.value)}</p>}
        {items.length > 0 ? (
          <Table
            caption={t('quarantine.count', { n: items.length })}
            columns={columns()}
            rows={items}
            keyOf={(row) => row.id}
            chosen={item}
          />
        ) : (
          <p class="empty">
            {answer.value
              ? t(`quarantine.empty.${wanted}`)
              : t('app.loading', { what: t('quarantine.title') })}
          </p>
        )}
      </div>
      <div class="page__side">
        <QuarantineDetailCard
          detail={detail.value}
          patients={patients.value}
          onRegister={register}
          onReplay={(id) => void replay(id)}
          onDismiss={(id, note) => void dismiss(id, note)}
        />
      </div>
      {fresh.value && <SecretDialog {...fresh.value} onClose={() => (fresh.value = null)} />}
    </div>
  );
}
