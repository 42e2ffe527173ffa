// Ages and values in words, for eyes and ears alike.
import { computed } from '@preact/signals';
import { preferences } from '../state/preferences';
import type { Age } from '../vital/freshness';
import type { ValueView, Viewer } from '../vital/value_view';
import { locale, t, tOr } from '../words';

export function ageText(age: Age): string {
  if (age.unit === 'now') return t('age.now');
  return t(`age.${age.unit}`, { n: age.count });
}

export function agoText(age: Age): string {
  return age.unit === 'now' ? t('age.just_now') : t('age.ago', { age: ageText(age) });
}

/** How this viewer reads values. */
export const viewer = computed<Viewer>(() => ({
  locale: locale.value,
  convention: preferences.value.units,
  special: (name) => tOr(`special.${name}`, name),
}));

/** One sentence that says all a sighted person sees of a value. */
export function spokenValue(name: string, view: ValueView): string {
  if (view.look === 'none') return t('value.heard_none', { name });
  const parameters = {
    name,
    value: [view.text, view.aside].filter(Boolean).join(' '),
    unit: view.unit,
    age: ageText(view.age),
  };
  const sentence =
    view.look === 'absent' ? t('value.heard_absent', parameters) : t('value.heard', parameters);
  return [sentence, ...view.marks.map((mark) => t(`mark.${mark}`))].join('. ');
}
