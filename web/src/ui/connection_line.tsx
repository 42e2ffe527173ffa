// Whether what is on the screen is live: a heart that beats with the server's, and a banner over
// everything when it has stopped.
import type { Connection } from '../live/client';
import { age } from '../vital/freshness';
import { t } from '../words';
import { agoText } from './speech';
import './connection_line.css';

interface Props {
  connection: Connection;
  beats: number;
  nowMs: number;
}

export function Heartbeat({ connection, beats }: Omit<Props, 'nowMs'>) {
  const held = connection.state === 'live';
  const text = held
    ? t('connection.live')
    : connection.state === 'lost'
      ? t('connection.lost_body', { attempt: connection.attempt })
      : t('connection.connecting');
  return (
    <span class="heartbeat" data-held={held} title={text} role="img" aria-label={text}>
      {/* A new key restarts the animation: one beat of the server, one of the heart. */}
      <svg key={beats} viewBox="0 0 24 24" width="18" height="18" aria-hidden="true">
        <path d="M12 20.5s-7.5-4.6-7.5-10.2A4.3 4.3 0 0 1 12 7.6a4.3 4.3 0 0 1 7.5 2.7c0 5.6-7.5 10.2-7.5 10.2z" />
      </svg>
    </span>
  );
}

export function LostBanner({ connection, nowMs }: Omit<Props, 'beats'>) {
  if (connection.state !== 'lost') return null;
  const since = agoText(age(connection.since, nowMs));
  return (
    <div class="lost" role="alert">
      <strong>{t('connection.lost_title', { age: since })}</strong>{' '}
      <span>{t('connection.lost_body', { attempt: connection.attempt })}</span>
    </div>
  );
}
