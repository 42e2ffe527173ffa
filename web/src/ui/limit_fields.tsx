// A limit in words, and the fields that set one: a patient's, a unit's, or one that is only asked about.
import { priorities } from '../alarm/standing';
import type { AlarmLimit, LimitSetting, Priority } from '../api/alarm_shapes';
import { limitWish } from '../alarm/limit_wish';
import { localDecimal } from '../vital/format';
import { wardUnit } from '../vital/units';
import { locale, t } from '../words';
import { Field, textOf } from './form';

export function limitText({ limit, enabled }: LimitSetting, unit: string): string {
  if (!enabled) return t('limits.off');
  if (limit === null) return t('value.dash');
  return `${localDecimal(limit, locale.value)} ${wardUnit(unit)}`.trim();
}

export function delayText({ on_delay_s: on, off_delay_s: off }: LimitSetting): string {
  return t('limits.delays', { on, off });
}

function Number({ name, label, value }: { name: string; label: string; value: string | number }) {
  return (
    <Field label={label}>
      <input
        name={name}
        inputMode="decimal"
        required
        defaultValue={String(value)}
        autoComplete="off"
      />
    </Field>
  );
}

/** What a form of a limit has to know of it. */
export type Limitable = LimitSetting &
  Pick<AlarmLimit, 'condition' | 'words' | 'unit_shown' | 'can_switch_off'>;

export function LimitFields({ limit }: { limit: Limitable }) {
  const unit = limit.unit_shown ? ` (${wardUnit(limit.unit_shown)})` : '';
  return (
    <>
      {limit.limit !== null && (
        <Number name="limit" label={t('limits.limit') + unit} value={limit.limit} />
      )}
      {limit.hysteresis !== null && (
        <Number name="hysteresis" label={t('limits.hysteresis') + unit} value={limit.hysteresis} />
      )}
      <Number name="on_delay_s" label={t('limits.on_delay')} value={limit.on_delay_s} />
      <Number name="off_delay_s" label={t('limits.off_delay')} value={limit.off_delay_s} />
      <Field label={t('limits.priority')}>
        <select name="priority">
          {priorities.map((priority) => (
            <option key={priority} value={priority} selected={priority === limit.priority}>
              {t(`alarm.${priority}`)}
            </option>
          ))}
        </select>
      </Field>
      {limit.can_switch_off ? (
        <label class="check">
          <input type="checkbox" name="enabled" defaultChecked={limit.enabled} />
          {t('limits.enabled')}
        </label>
      ) : (
        <p class="quiet">{t('limits.never_off')}</p>
      )}
    </>
  );
}

/** What is asked of the limit by a form with these fields. */
export const wishOf = (limit: Limitable, form: FormData): Partial<LimitSetting> =>
  limitWish(limit, {
    limit: textOf(form, 'limit'),
    hysteresis: textOf(form, 'hysteresis'),
    on_delay_s: textOf(form, 'on_delay_s'),
    off_delay_s: textOf(form, 'off_delay_s'),
    priority: textOf(form, 'priority') as Priority,
    enabled: limit.can_switch_off ? form.has('enabled') : limit.enabled,
  });
