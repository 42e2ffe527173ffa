// A patient who is not in one's care: what that means and, for whoever may break the glass, the way in.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { isOwnView } from '../access/roles';
import { breakGlass } from '../api/access_calls';
import type { Me } from '../api/access_shapes';
import { loadMe } from '../state/me';
import { watch, watchDevices } from '../state/watch';
import { errorText } from '../ui/error_text';
import { Field, onSubmit, textOf } from '../ui/form';
import { t } from '../words';
import './access.css';

const hoursOffered = [1, 4, 8] as const;
const hoursDefault = 4;

/** A password is taken as typed, spaces and all. */
function typed(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

function GlassForm({ id, onOpened }: { id: string; onOpened: () => void }) {
  const trouble = useSignal<string | null>(null);
  const working = useSignal(false);
  const open = async (form: FormData) => {
    working.value = true;
    const answer = await breakGlass(id, {
      reason: textOf(form, 'reason'),
      password: typed(form, 'password'),
      minutes: 60 * Number(textOf(form, 'hours')),
    });
    trouble.value = answer.ok ? null : errorText(answer.error);
    if (answer.ok) {
      await loadMe();
      onOpened();
    }
    working.value = false;
    return false;
  };
  return (
    <form class="card glass" onSubmit={onSubmit(open)} aria-labelledby="glass-title">
      <h2 id="glass-title">{t('glass.title')}</h2>
      <p>{t('glass.means')}</p>
      <Field label={t('glass.reason')} hint={t('glass.reason_hint')}>
        <textarea name="reason" rows={3} required maxLength={900} />
      </Field>
      <fieldset class="choices">
        <legend>{t('glass.how_long')}</legend>
        {hoursOffered.map((n) => (
          <label key={n} class="check">
            <input type="radio" name="hours" value={n} defaultChecked={n === hoursDefault} />
            {t('glass.hours', { n })}
          </label>
        ))}
      </fieldset>
      <Field label={t('glass.password')} hint={t('glass.password_hint')}>
        <input name="password" type="password" autocomplete="current-password" required />
      </Field>
      {trouble.value && (
        <p class="notice" role="alert">
          {trouble.value}
        </p>
      )}
      <div class="actions">
        <a class="button" href="/">
          {t('access.home')}
        </a>
        <button class="primary" disabled={working.value}>
          {t(working.value ? 'glass.opening' : 'glass.open')}
        </button>
      </div>
    </form>
  );
}

function whyNot(who: Me): string {
  if (isOwnView(who.role)) return t('access.not_yours_how');
  if (who.units.length > 0) return t('access.not_in_care_units', { units: who.units.join(', ') });
  return t('access.not_in_care_why');
}

export function NotInCare({ id, who, onOpened }: { id: string; who: Me; onOpened: () => void }) {
  useEffect(() => watch(watchDevices), []);
  const heading = isOwnView(who.role) ? 'access.not_yours' : 'access.not_in_care';
  return (
    <div class="calm">
      <h1>{t(heading, { id })}</h1>
      <p>{whyNot(who)}</p>
      {who.emergency ? (
        <GlassForm id={id} onOpened={onOpened} />
      ) : (
        <>
          {!isOwnView(who.role) && <p>{t('access.not_in_care_how')}</p>}
          <p>
            <a class="button" href="/">
              {t('access.home')}
            </a>
          </p>
        </>
      )}
    </div>
  );
}
