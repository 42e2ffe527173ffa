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
  /** Without a touch, until the screen is locked; 0: never, as on a wall. */
  lockMinutes: number;
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
  lockMinutes: 10,
};

/** What is kept in a browser may be anything. */
export const lockMinutesOf = ({ lockMinutes }: Preferences): number =>
  Number.isFinite(lockMinutes) && lockMinutes >= 0 ? lockMinutes : defaults.lockMinutes;

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
  // All tabs of a browser look, and lock, as was chosen in one of them.
  addEventListener('storage', (event) => {
    if (event.key === place) preferences.value = kept();
  });
  effect(() => {
    const text = JSON.stringify(preferences.value);
    try {
      localStorage.setItem(place, text);
    } catch {
      // A browser that keeps nothing still shows everything.
    }
  });
}
