// In place of everything else while the screen is locked: who may come back, how, and of the ward no more
// than whether the server is there and at how many beds a device signals an alarm.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { isOwnView } from '../access/roles';
import type { Me } from '../api/access_shapes';
import type { ApiErrorBody, Session } from '../api/shapes';
import { askedAgain } from '../state/freshly';
import { unlock, unlockByPasskey } from '../state/lock';
import { mayDo } from '../state/me';
import { passkeysWork } from '../state/passkey';
import { signOut } from '../state/session';
import { connection, heartbeats, loadWard, now, ward, watch, watchDevices } from '../state/watch';
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

function Alarms() {
  const patients = (ward.beds.value ?? []).map(({ patient }) => patient);
  const n = bedsInAlarm(patients, now.value);
  return (
    <div role="status" class="said">
      {n > 0 && <p class="lock__alarms">{t('lock.alarms', { n })}</p>}
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
          {seesWard && <Alarms />}
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
