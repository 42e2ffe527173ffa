// What a viewer chose for this browser. Nothing about patients is kept here.
import { effect, signal } from '@preact/signals';
import { defaultConvention, type UnitConvention } from '../vital/units';

export interface Preferences {
  theme: 'auto' | 'dark' | 'light';
  language: string;
  units: UnitConvention;
  sweepMmPerSecond: 12.5 | 25 | 50;
  initials: boolean;
  shortcuts: boolean;
  sound: boolean;
}

const place = 'vigil.preferences';

export const defaults: Preferences = {
  theme: 'auto',
  language: 'auto',
  units: defaultConvention,
  sweepMmPerSecond: 25,
  initials: false,
  shortcuts: true,
  sound: true,
};

function kept(): Preferences {
  try {
    const text = localStorage.getItem(place);
    if (text) return { ...defaults, ...(JSON.parse(text) as Partial<Preferences>) };
  } catch {
    // No storage, or not ours: the defaults will do.
  }
  return defaults;
}

export const preferences = signal<Preferences>(defaults);

export function change(part: Partial<Preferences>): void {
  preferences.value = { ...preferences.value, ...part };
}

export function keepPreferences(): void {
  preferences.value = kept();
  effect(() => {
    const text = JSON.stringify(preferences.value);
    try {
      localStorage.setItem(place, text);
    } catch {
      // A browser that keeps nothing still shows everything.
    }
  });
}
