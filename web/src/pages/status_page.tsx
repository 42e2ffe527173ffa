// How the server is: what comes in, how fast it is safe, who lags, how much room is left.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { readStatus } from '../api/calls';
import type { ApiErrorBody, ServerStatus } from '../api/shapes';
import { errorText } from '../ui/error_text';
import { Figure } from '../ui/figure';
import { ageText } from '../ui/speech';
import { Table, type Column } from '../ui/table';
import { age } from '../vital/freshness';
import { localBytes, localDateTime, localNumber } from '../vital/format';
import { locale, t } from '../words';
import './status_page.css';

const refreshMs = 2000;

const number = (value: number, digits = 0) => localNumber(value, locale.value, digits);
const bytes = (value: number) => localBytes(value, locale.value);
const span = (seconds: number) => ageText(age(0, seconds * 1000));

type Consumer = ServerStatus['consumers'][number];
const consumerColumns = (): Column<Consumer>[] => [
  { title: t('system.consumer'), names: true, cell: (it) => it.name, sort: (it) => it.name },
  { title: t('system.applied'), cell: (it) => <code>{it.applied}</code> },
  {
    title: t('system.lag'),
    cell: (it) => `${t('system.entries', { n: it.lag_entries })}, ${number(it.lag_s, 1)} s`,
    sort: (it) => it.lag_entries,
  },
];

// Messages that a subscriber never got: its session ended, or the log could keep them no longer.
type Gap = ServerStatus['mqtt']['gaps'][number];
const gapColumns = (): Column<Gap>[] => [
  {
    title: t('system.gap_time'),
    wraps: true,
    cell: (it) => (
      <time dateTime={it.time}>{localDateTime(Date.parse(it.time), locale.value)}</time>
    ),
    sort: (it) => it.time,
  },
  {
    title: t('system.gap_subscriber'),
    names: true,
    wraps: true,
    cell: (it) => `${it.principal} · ${it.client}`,
    sort: (it) => it.principal,
  },
  { title: t('system.gap_messages'), cell: (it) => number(it.messages), sort: (it) => it.messages },
];

type StoredFile = ServerStatus['disk']['files'][number];
const fileColumns = (): Column<StoredFile>[] => [
  { title: t('system.file'), names: true, cell: (it) => it.name, sort: (it) => it.name },
  { title: t('system.size'), cell: (it) => bytes(it.bytes), sort: (it) => it.bytes },
];

function Figures({ status }: { status: ServerStatus }) {
  const { rates, log, connections, disk } = status;
  const perSecond = t('system.per_second');
  const used = 1 - disk.free_bytes / Math.max(1, disk.total_bytes);
  return (
    <>
      <section class="card" aria-labelledby="rates">
        <h2 id="rates">{t('system.rates')}</h2>
        <dl class="figures">
          <Figure name={t('system.messages')} value={number(rates.messages_s)} unit={perSecond} />
          <Figure name={t('system.readings')} value={number(rates.readings_s)} unit={perSecond} />
          <Figure name={t('system.samples')} value={number(rates.samples_s)} unit={perSecond} />
          <Figure name={t('system.bytes')} value={bytes(rates.bytes_s)} unit={perSecond} />
          <Figure
            name={t('system.quarantined')}
            value={number(rates.quarantined_s, 1)}
            unit={perSecond}
          />
        </dl>
      </section>
      <section class="card" aria-labelledby="commit">
        <h2 id="commit">{t('system.commit')}</h2>
        <dl class="figures">
          <Figure name={t('system.p50')} value={number(log.commit_ms.p50, 1)} unit="ms" />
          <Figure name={t('system.p99')} value={number(log.commit_ms.p99, 1)} unit="ms" />
          <Figure name={t('system.commits')} value={number(rates.commits_s)} unit={perSecond} />
          <Figure name={t('system.pending')} value={bytes(log.pending_bytes)} />
        </dl>
      </section>
      <section class="card" aria-labelledby="connections">
        <h2 id="connections">{t('system.connections')}</h2>
        <dl class="figures">
          <Figure name={t('system.mqtt')} value={number(connections.mqtt)} />
          <Figure name={t('system.http')} value={number(connections.http)} />
          <Figure name={t('system.live')} value={number(connections.live)} />
          <Figure name={t('system.refused')} value={number(status.refused)} />
        </dl>
      </section>
      <section class="card" aria-labelledby="disk">
        <h2 id="disk">{t('system.disk')}</h2>
        <p>{t('system.free', { free: bytes(disk.free_bytes), total: bytes(disk.total_bytes) })}</p>
        <meter
          min={0}
          max={1}
          value={used}
          aria-label={t('system.used', { share: Math.round(used * 100) })}
        />
        <Table
          caption={t('system.disk')}
          columns={fileColumns()}
          rows={disk.files}
          keyOf={(file) => file.name}
        />
      </section>
      <section class="card" aria-labelledby="consumers">
        <h2 id="consumers">{t('system.consumers')}</h2>
        <Table
          caption={t('system.consumers')}
          columns={consumerColumns()}
          rows={status.consumers}
          keyOf={(consumer) => consumer.name}
        />
      </section>
      {status.mqtt.gaps.length > 0 && (
        <section class="card" aria-labelledby="gaps">
          <h2 id="gaps">{t('system.gaps')}</h2>
          <Table
            caption={t('system.gaps')}
            columns={gapColumns()}
            rows={status.mqtt.gaps}
            keyOf={(gap) => `${gap.time} ${gap.client} ${gap.first}`}
          />
        </section>
      )}
      <section class="card" aria-labelledby="server">
        <h2 id="server">{t('app.name')}</h2>
        <dl class="figures">
          <Figure name={t('system.version')} value={status.version} />
          <Figure name={t('system.uptime')} value={span(status.uptime_s)} />
          <Figure name={t('system.memory')} value={bytes(status.memory_bytes)} />
        </dl>
      </section>
    </>
  );
}

export function StatusPage() {
  const status = useSignal<ServerStatus | null>(null);
  const failed = useSignal<ApiErrorBody | null>(null);
  useEffect(() => {
    const load = async () => {
      const answer = await readStatus();
      failed.value = answer.ok ? null : answer.error;
      if (answer.ok) status.value = answer.body;
    };
    void load();
    const timer = setInterval(() => void load(), refreshMs);
    return () => clearInterval(timer);
  }, [status, failed]);
  const now = status.value;
  const failing = now?.log.failing ?? null;
  return (
    <div class="status">
      <header class="page__head">
        <h1>{t('system.title')}</h1>
        {now && (
          <p class="quiet">
            {failing === null ? t('system.healthy') : t('system.failing', { why: failing })}
          </p>
        )}
      </header>
      {failed.value && <p class="notice">{errorText(failed.value)}</p>}
      {now?.audit.unwritable_since != null && (
        <p class="notice">
          {now.audit.refusing
            ? t('system.audit_refusing')
            : t('system.audit_held', { n: now.audit.held_lines })}
        </p>
      )}
      {now?.audit.check?.sound === false && (
        <p class="notice">{t('system.audit_tampered', { why: now.audit.check.problem ?? '' })}</p>
      )}
      {now?.audit.syslog?.problem != null && (
        <p class="notice">
          {t('system.audit_syslog', {
            n: now.audit.syslog.lag_lines,
            collector: now.audit.syslog.collector,
            why: now.audit.syslog.problem,
          })}
        </p>
      )}
      {now ? (
        <Figures status={now} />
      ) : (
        <p class="quiet">{t('app.loading', { what: t('system.title') })}</p>
      )}
    </div>
  );
}
