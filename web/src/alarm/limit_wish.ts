// What is asked of a limit: only what differs from what holds.
import type { AlarmLimit, LimitSetting, Priority } from '../api/alarm_shapes';

/** As it stands in the form. */
export interface LimitForm {
  limit: string;
  hysteresis: string;
  on_delay_s: string;
  off_delay_s: string;
  priority: Priority;
  enabled: boolean;
}

/** The digits as they were typed; the viewer's decimal comma is a point to the server. */
const decimal = (text: string): string => text.trim().replace(',', '.');

export function limitWish(held: LimitSetting, form: LimitForm): Partial<LimitSetting> {
  const wanted: LimitSetting = {
    limit: held.limit === null ? null : decimal(form.limit),
    hysteresis: held.hysteresis === null ? null : decimal(form.hysteresis),
    on_delay_s: Number(decimal(form.on_delay_s)),
    off_delay_s: Number(decimal(form.off_delay_s)),
    priority: form.priority,
    enabled: form.enabled,
  };
  const names = Object.keys(wanted) as (keyof LimitSetting)[];
  return Object.fromEntries(
    names.filter((name) => wanted[name] !== held[name]).map((name) => [name, wanted[name]]),
  );
}

/** What the unit has otherwise; empty: the patient's limit is the unit's. */
export const differing = ({ unit_default: unit, ...held }: AlarmLimit): (keyof LimitSetting)[] =>
  (Object.keys(unit) as (keyof LimitSetting)[]).filter((name) => unit[name] !== held[name]);
