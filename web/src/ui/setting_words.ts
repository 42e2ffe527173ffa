// What of a limit is set, in words.
import type { Change } from '../alarm/profile_view';
import type { LimitSetting } from '../api/alarm_shapes';
import { localDecimal } from '../vital/format';
import { wardUnit } from '../vital/units';
import { locale, t } from '../words';
import { defaultWords as d } from '../words/defaults';

export function settingText(
  name: Change['name'],
  value: LimitSetting[Change['name']],
  unit: string,
) {
  if (typeof value === 'boolean') return d(value ? 'on' : 'off');
  if (name === 'priority')
    return value === null ? '–' : t(`alarm.${value as LimitSetting['priority']}`);
  if (typeof value === 'number') return d('seconds', { n: value });
  return value === null ? '–' : `${localDecimal(value, locale.value)} ${wardUnit(unit)}`.trim();
}

export function changeText({ name, from, to }: Change, unit: string): string {
  const words = { name: d(`name.${name}`), to: settingText(name, to, unit) };
  if (from === undefined) return d('set', words);
  return d('change', { ...words, from: settingText(name, from, unit) });
}
