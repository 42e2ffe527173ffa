// The frame of every page: where one can go, whether it is live, who is signed in.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Me } from '../api/access_shapes';
import { isOwnView } from '../access/roles';
import { change, preferences } from '../state/preferences';
import { appearance } from '../state/appearance';
import { lockNow } from '../state/lock';
import { loadMe, mayDo } from '../state/me';
import { screenAnswer, screenKey } from '../state/screen';
import { go, hrefOf, type Route } from '../state/route';
import { signOut } from '../state/session';
import { isSilent, maySound } from '../state/sounding';
import { connection, heartbeats, now } from '../state/watch';
import { localTime } from '../vital/format';
import { locale, t } from '../words';
import { AlarmBar } from './alarm_bar';
import { Heartbeat, LostBanner } from './connection_line';
import { EmergencyBanner } from './emergency_banner';
import { KeyboardHelp } from './keyboard_help';
import { useKeys } from './keys';
import { listedOf, pagesFor } from './pages_list';
import { PreferencesPanel } from './preferences_panel';
import { allowSound, useLostSound } from './sound';
import './shell.css';

/** Somebody broke the glass, and nobody has looked at it yet. */
function ToReview({ count }: { count: number }) {
  if (count === 0) return null;
  return <span class="shell__count">{t('nav.to_review', { n: count })}</span>;
}

function Navigation({ at, who }: { at: Route; who: Me }) {
  const here = listedOf(at.page);
  return (
    <nav class="shell__nav" aria-label={t('nav.label')}>
      {isOwnView(who.role) && (
        <a href="/" {...(at.page === 'ward' ? { 'aria-current': 'page' } : {})}>
          {t(who.role === 'patient' ? 'nav.mine' : 'nav.cared_for')}
        </a>
      )}
      {pagesFor(who).map(({ page, words, to }) => (
        <a key={page} href={hrefOf(to)} {...(page === here ? { 'aria-current': 'page' } : {})}>
          {t(words)}
          {page === 'emergencies' && <ToReview count={who.emergencies_to_review ?? 0} />}
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

/** That people rely on this screen; and, loudly, that they must not. */
function ScreenMark() {
  const answer = screenAnswer.value;
  if (!screenKey.value || !answer) return null;
  const name = answer.name ?? '';
  const isUnheard = answer.sounds === true && isSilent.value;
  const words = !answer.expected
    ? t('alarm.screen_mark_refused')
    : t(isUnheard ? 'alarm.screen_mark_unheard' : 'alarm.screen_mark', { name });
  return (
    <a
      class="shell__screen"
      href={hrefOf({ page: 'displays' })}
      data-loud={!answer.expected || isUnheard}
    >
      {words}
    </a>
  );
}

/** Whoever sees no vital signs has no stream that could be live. Where alarms are told, their bar says of the sound. */
function LiveFoot({ isTold }: { isTold: boolean }) {
  return (
    <>
      <Heartbeat connection={connection.value} beats={heartbeats.value} />
      <span class="shell__live">
        {connection.value.state === 'live' ? t('connection.live_short') : t('connection.not_live')}
      </span>
      {isTold ? <ScreenMark /> : <SoundHint />}
    </>
  );
}

const reviewsMs = 30_000;

/** Whoever reviews emergency accesses is told of new ones wherever they are. */
function useReviews(who: Me) {
  const reviews = who.emergencies_to_review !== undefined;
  useEffect(() => {
    if (!reviews) return;
    const asking = setInterval(() => void loadMe(), reviewsMs);
    return () => clearInterval(asking);
  }, [reviews]);
}

export function Shell({ who, at, children }: { who: Me; at: Route; children: ComponentChildren }) {
  const open = useSignal<'nothing' | 'help' | 'preferences'>('nothing');
  useLostSound();
  useKeys({
    '?': () => (open.value = 'help'),
    l: lockNow,
    t: () => change({ theme: appearance.peek() === 'dark' ? 'light' : 'dark' }),
    ...Object.fromEntries(pagesFor(who).map(({ key, to }) => [key, () => go(to)])),
  });
  useReviews(who);
  const close = () => (open.value = 'nothing');
  // Who is watched over, and who is told, are two people: a patient's own account has no alarm bar.
  const isTold = mayDo(who, 'vitals') && !isOwnView(who.role);
  return (
    <div class="frame" data-page={at.page}>
      <a class="skip button" href="#content">
        {t('app.skip')}
      </a>
      {isTold && <AlarmBar isCentral={at.page === 'ward'} />}
      <div class="shell" data-page={at.page}>
        <header class="shell__top">
          <a class="shell__name" href="/">
            {t('app.name')}
          </a>
          <Navigation at={at} who={who} />
          <Clock />
          <div class="shell__tools">
            <button class="plain" onClick={() => (open.value = 'help')} aria-label={t('nav.help')}>
              <kbd>?</kbd>
            </button>
            <button class="plain" onClick={() => (open.value = 'preferences')}>
              {who.display_name}
            </button>
          </div>
        </header>
        <LostBanner connection={connection.value} nowMs={now.value} />
        <EmergencyBanner relations={who.relations} nowMs={now.value} />
        <main id="content" tabIndex={-1} class="shell__main">
          {children}
        </main>
        <footer class="shell__foot">{mayDo(who, 'vitals') && <LiveFoot isTold={isTold} />}</footer>
        {open.value === 'help' && <KeyboardHelp who={who} onClose={close} />}
        {open.value === 'preferences' && (
          <PreferencesPanel onClose={close} onLock={lockNow} onSignOut={() => void signOut()} />
        )}
      </div>
    </div>
  );
}
