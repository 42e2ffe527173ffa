// The frame of every page: where one can go, whether it is live, who is signed in.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Role, Session } from '../api/shapes';
import { change, preferences } from '../state/preferences';
import { appearance } from '../state/appearance';
import { go, hrefOf, type Route } from '../state/route';
import { signOut } from '../state/session';
import { connection, heartbeats, isLost, now } from '../state/watch';
import { localTime } from '../vital/format';
import { locale, t } from '../words';
import { Heartbeat, LostBanner } from './connection_line';
import { KeyboardHelp } from './keyboard_help';
import { useKeys } from './keys';
import { pagesFor } from './pages_list';
import { PreferencesPanel } from './preferences_panel';
import { allowSound, listenForFirstTouch, maySound, soundLost } from './sound';
import './shell.css';

function Navigation({ at, role }: { at: Route; role: Role }) {
  const here = at.page === 'patient' ? 'patients' : at.page;
  return (
    <nav class="shell__nav" aria-label={t('nav.label')}>
      {pagesFor(role).map(({ page, words, to }) => (
        <a key={page} href={hrefOf(to)} {...(page === here ? { 'aria-current': 'page' } : {})}>
          {t(words)}
        </a>
      ))}
    </nav>
  );
}

function Clock() {
  return <time class="shell__clock">{localTime(now.value, locale.value)}</time>;
}

function SoundHint() {
  if (maySound.value || !preferences.value.sound) return null;
  return (
    <span class="shell__sound">
      {t('connection.sound_off')}{' '}
      <button onClick={allowSound}>{t('connection.sound_allow')}</button>
    </span>
  );
}

export function Shell({
  session,
  at,
  children,
}: {
  session: Session;
  at: Route;
  children: ComponentChildren;
}) {
  const open = useSignal<'nothing' | 'help' | 'preferences'>('nothing');
  useEffect(listenForFirstTouch, []);
  useEffect(
    () =>
      isLost.subscribe((lost) => {
        if (lost && preferences.peek().sound) soundLost();
      }),
    [],
  );
  useKeys({
    '?': () => (open.value = 'help'),
    t: () => change({ theme: appearance.peek() === 'dark' ? 'light' : 'dark' }),
    ...Object.fromEntries(pagesFor(session.account.role).map(({ key, to }) => [key, () => go(to)])),
  });
  const close = () => (open.value = 'nothing');
  return (
    <div class="shell" data-page={at.page}>
      <a class="skip button" href="#content">
        {t('app.skip')}
      </a>
      <header class="shell__top">
        <a class="shell__name" href="/">
          {t('app.name')}
        </a>
        <Navigation at={at} role={session.account.role} />
        <Clock />
        <div class="shell__tools">
          <button class="plain" onClick={() => (open.value = 'help')} aria-label={t('nav.help')}>
            <kbd>?</kbd>
          </button>
          <button class="plain" onClick={() => (open.value = 'preferences')}>
            {session.account.display_name}
          </button>
        </div>
      </header>
      <LostBanner connection={connection.value} nowMs={now.value} />
      <main id="content" tabIndex={-1} class="shell__main">
        {children}
      </main>
      <footer class="shell__foot">
        <Heartbeat connection={connection.value} beats={heartbeats.value} />
        <span class="shell__live">
          {connection.value.state === 'live'
            ? t('connection.live_short')
            : t('connection.not_live')}
        </span>
        <SoundHint />
      </footer>
      {open.value === 'help' && <KeyboardHelp role={session.account.role} onClose={close} />}
      {open.value === 'preferences' && (
        <PreferencesPanel onClose={close} onSignOut={() => void signOut()} />
      )}
    </div>
  );
}
