// Breaks the glass: asks why, for how long, and who it is.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { breakGlass } from '../api/access_calls';
import { loadMe } from '../state/me';
import { t } from '../words';
import { errorText } from './error_text';
import { Field, onSubmit, textOf } from './form';
import './glass_form.css';

const hoursOffered = [1, 4, 8] as const;
const hoursDefault = 4;

/** A password is taken as typed, spaces and all. */
function typed(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

export function GlassForm({
  id,
  label,
  onOpened,
  children,
}: {
  id: string;
  /** The id of what names the form. */
  label: string;
  onOpened: () => void;
  /** How to leave it. */
  children: ComponentChildren;
}) {
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
    <form class="fields glass" onSubmit={onSubmit(open)} aria-labelledby={label}>
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
        {children}
        <button class="primary" disabled={working.value}>
          {t(working.value ? 'glass.opening' : 'glass.open')}
        </button>
      </div>
    </form>
  );
}
