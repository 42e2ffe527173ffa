import { useSignal } from '@preact/signals';
import { endOtherSessions, endOwnSession } from '../api/calls';
import type { OwnSession } from '../api/shapes';
import { browserName } from '../state/browser_name';
import { localDateTime } from '../vital/format';
import { locale, t } from '../words';
import { errorText } from './error_text';
import { Outcome } from './form';
import { Table, type Column } from './table';

function whereOf({ user_agent, address }: OwnSession): string {
  const name = browserName(user_agent);
  const browser = name ? t('sessions.browser', { ...name }) : t('sessions.unknown_browser');
  return `${browser}, ${address}`;
}

const timeOf = (text: string) => localDateTime(Date.parse(text), locale.value);

const columns = (end: (session: OwnSession) => void): Column<OwnSession>[] => [
  {
    title: t('sessions.column.where'),
    names: true,
    wraps: true,
    cell: (session) => (
      <>
        {whereOf(session)}
        {session.this && <small class="table__aside">{t('sessions.this')}</small>}
      </>
    ),
    sort: whereOf,
  },
  { title: t('sessions.column.since'), cell: ({ began }) => timeOf(began), sort: (s) => s.began },
  {
    title: t('sessions.column.seen'),
    cell: ({ last_seen }) => timeOf(last_seen),
    sort: (s) => s.last_seen,
  },
  {
    title: t('sessions.column.actions'),
    cell: (session) =>
      session.this ? (
        '–'
      ) : (
        <button
          onClick={() => end(session)}
          aria-label={t('sessions.end_of', { where: whereOf(session) })}
        >
          {t('sessions.end')}
        </button>
      ),
  },
];

export function SessionsSection({
  sessions,
  onChanged,
}: {
  sessions: readonly OwnSession[];
  onChanged: () => void;
}) {
  const outcome = useSignal<string | null>(null);
  const end = async (session: OwnSession) => {
    const answer = await endOwnSession(session.id);
    outcome.value = answer.ok
      ? t('sessions.ended', { where: whereOf(session) })
      : errorText(answer.error);
    onChanged();
  };
  const endOthers = async () => {
    const answer = await endOtherSessions();
    outcome.value = answer.ok
      ? t('sessions.others_ended', { n: answer.body.ended })
      : errorText(answer.error);
    onChanged();
  };
  return (
    <section class="sessions" aria-labelledby="sessions">
      <header class="page__head">
        <h2 id="sessions">{t('sessions.title')}</h2>
        <p class="quiet">{t('sessions.count', { n: sessions.length })}</p>
        {sessions.length > 1 && (
          <button onClick={() => void endOthers()}>{t('sessions.end_others')}</button>
        )}
      </header>
      <Outcome text={outcome.value} />
      <Table
        caption={t('sessions.title')}
        columns={columns((session) => void end(session))}
        rows={sessions}
        keyOf={({ id }) => String(id)}
      />
    </section>
  );
}
