// In place of everything else while the screen is locked: who may come back, how, and of the ward no more
// than whether the server is there and how many alarms stand. They are heard as ever: a room does not become
// quiet because a screen in it is locked.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { isOwnView } from '../access/roles';
import { ofPriority, priorities } from '../alarm/standing';
import type { Me } from '../api/access_shapes';
import type { ApiErrorBody, Session } from '../api/shapes';
import { alarmTrouble, standingAlarms } from '../state/alarm_watch';
import { askedAgain } from '../state/freshly';
import { unlock, unlockByPasskey } from '../state/lock';
import { mayDo } from '../state/me';
import { passkeysWork } from '../state/passkey';
import { signOut } from '../state/session';
import { isSilent } from '../state/sounding';
import { connection, heartbeats, loadWard, now, ward, watch, watchDevices } from '../state/watch';
import { AlarmCount } from '../ui/alarm_mark';
import { useAlarmSound } from '../ui/alarm_sound';
import { Heartbeat, LostBanner } from '../ui/connection_line';
import { messageOf } from '../ui/error_text';
import { Field, onSubmit } from '../ui/form';
import { mayOpen } from '../ui/pages_list';
import { useLostSound } from '../ui/sound';
import { bedsInAlarm } from '../vital/device_alarms';
import { localTime } from '../vital/format';
import { tileMetrics } from '../vital/slots';
import { locale, t } from '../words';
import './lock_page.css';

/** The ward's values go on coming, without waveforms: nobody sees them. */
function useLockedWatch(who: Me | null) {
  const seesWard = who !== null && mayOpen('ward', who);
  const hears = mayDo(who, 'vitals');
  useEffect(() => {
    if (seesWard) {
      const values = { ...watchDevices, metrics: [...tileMetrics] };
      const known = ward.beds.peek() === null ? loadWard() : Promise.resolve();
      void known.then(() => watch(values));
    } else if (hears) watch(watchDevices);
  }, [seesWard, hears]);
  return { seesWard, hears };
}

function DeviceAlarms() {
  const patients = (ward.beds.value ?? []).map(({ patient }) => patient);
  const n = bedsInAlarm(patients, now.value);
  return (
    <div role="status" class="said">
      {n > 0 && <p class="lock__alarms">{t('lock.alarms', { n })}</p>}
    </div>
  );
}

/** How many stand, and how urgent: whose they are is for whoever unlocks. */
function Alarms() {
  useAlarmSound();
  const all = standingAlarms.value;
  const trouble = alarmTrouble.value;
  return (
    <div role="status" class="said">
      {trouble && (
        <p class="lock__alarms">
          {t(`alarm.${trouble.what}`, { time: localTime(trouble.since, locale.value) })}
        </p>
      )}
      {all.length > 0 && (
        <p class="lock__alarms">
          {priorities.map((priority) => (
            <AlarmCount key={priority} priority={priority} n={ofPriority(all, priority)} />
          ))}{' '}
          {t('lock.standing', { n: all.length })}
        </p>
      )}
      {isSilent.value && <p class="lock__alarms">{t('alarm.silent')}</p>}
    </div>
  );
}

function UnlockForm({ username, byPasskey }: { username: string; byPasskey: boolean }) {
  const trouble = useSignal<ApiErrorBody | null>(null);
  const working = useSignal(false);
  const element = useRef<HTMLFormElement>(null);
  // What is typed without looking is typed here.
  useEffect(() => element.current?.querySelector<HTMLInputElement>('[type=password]')?.focus(), []);
  const take = async (step: Promise<ApiErrorBody | null>) => {
    working.value = true;
    trouble.value = await step;
    working.value = false;
    return true;
  };
  const submit = (form: FormData) => {
    const password = form.get('password');
    return take(unlock(typeof password === 'string' ? password : ''));
  };
  return (
    <form ref={element} class="fields" onSubmit={onSubmit(submit)}>
      {byPasskey && (
        <button
          type="button"
          class="primary"
          disabled={working.value}
          onClick={() => void take(unlockByPasskey())}
        >
          {t('lock.by_passkey')}
        </button>
      )}
      {/* For password managers, which fill in what belongs to a name. */}
      <input name="username" autocomplete="username" value={username} readOnly hidden />
      <Field label={t('signin.password')}>
        <input name="password" type="password" autocomplete="current-password" required />
      </Field>
      {trouble.value && (
        <p class="notice" role="alert">
          {messageOf(trouble.value)}
        </p>
      )}
      <button class={byPasskey ? '' : 'primary'} disabled={working.value}>
        {working.value ? t('lock.working') : t('lock.submit')}
      </button>
    </form>
  );
}

export function LockPage({ session, who }: { session: Session; who: Me | null }) {
  const { seesWard, hears } = useLockedWatch(who);
  const isTold = who !== null && hears && !isOwnView(who.role);
  useLostSound();
  // Whoever was asked for their password on the page that was left is not there to answer.
  useEffect(() => askedAgain.peek()?.done(false), []);
  const { username, display_name, role } = session.account;
  // A patient's own name is of a patient.
  const name = isOwnView(role) ? username : display_name;
  const passkeys = who?.second_factor?.passkeys.length ?? 0;
  return (
    <div class="lock">
      {hears && <LostBanner connection={connection.value} nowMs={now.value} />}
      <main class="sign-in lock__main">
        <div class="sign-in__box">
          <h1 class="sign-in__name">{t('lock.title')}</h1>
          {isTold && <Alarms />}
          {seesWard && <DeviceAlarms />}
          <p>
            {t('lock.of', { name })} <span class="quiet">{t('lock.lead')}</span>
          </p>
          <UnlockForm username={username} byPasskey={passkeys > 0 && passkeysWork()} />
          <div class="lock__else">
            <button onClick={() => void signOut()}>{t('lock.somebody_else')}</button>
            <small class="quiet">{t('lock.somebody_else_hint', { name })}</small>
          </div>
        </div>
      </main>
      <footer class="lock__foot">
        {hears && <Heartbeat connection={connection.value} beats={heartbeats.value} />}
        <time>{localTime(now.value, locale.value)}</time>
      </footer>
    </div>
  );
}
