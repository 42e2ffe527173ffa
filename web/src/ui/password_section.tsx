import { useSignal } from '@preact/signals';
import type { OwnAccount } from '../api/shapes';
import { freshly } from '../state/freshly';
import { passwordRules } from '../state/password_rules';
import { changeOwnPassword } from '../state/session';
import { t } from '../words';
import { messageOf } from './error_text';
import { Field, onSubmit, Outcome } from './form';

export function PasswordSection({
  account,
  onChanged,
}: {
  account: OwnAccount;
  onChanged: () => void;
}) {
  const typed = useSignal('');
  const repeated = useSignal('');
  const outcome = useSignal<string | null>(null);
  const least = account.password_characters_min;
  const rules = passwordRules(typed.value, repeated.value, account.username, least);
  const submit = async () => {
    const answer = await freshly(() => changeOwnPassword(typed.value));
    outcome.value = answer.ok ? t('password.changed') : messageOf(answer.error);
    if (!answer.ok) return false;
    typed.value = repeated.value = '';
    onChanged();
    return true;
  };
  return (
    <section class="card" aria-labelledby="password">
      <h2 id="password">{t('password.title')}</h2>
      <p class="quiet">{t('password.lead')}</p>
      <form class="fields" onSubmit={onSubmit(submit)}>
        {/* A password manager learns whose it is. */}
        <input type="hidden" name="username" autocomplete="username" value={account.username} />
        <Field label={t('password.new')}>
          <input
            type="password"
            autocomplete="new-password"
            aria-describedby="password-rules"
            required
            value={typed.value}
            onInput={(event) => (typed.value = event.currentTarget.value)}
          />
        </Field>
        <Field label={t('password.repeat')}>
          <input
            type="password"
            autocomplete="new-password"
            required
            value={repeated.value}
            onInput={(event) => (repeated.value = event.currentTarget.value)}
          />
        </Field>
        <ul id="password-rules" class="rules" aria-label={t('password.rules')}>
          {rules.map(({ rule, met }) => (
            <li key={rule} data-met={met}>
              <span aria-hidden="true">{met ? '✓' : '○'}</span>{' '}
              {t(`password.rule.${rule}`, { n: least })}
              <span class="only-heard">
                : {t(met ? 'password.rule.met' : 'password.rule.open')}
              </span>
            </li>
          ))}
        </ul>
        <button class="primary" disabled={!rules.every(({ met }) => met)}>
          {t('password.change')}
        </button>
        <Outcome text={outcome.value} />
      </form>
    </section>
  );
}
