// This browser as a screen that people rely on for alarms: which one it is, and what the server says of it.
// Once it is one it confirms with each heartbeat that it shows alarms and can be heard; where it stops,
// other screens are told (docs/guides/alarms.md).
import { signal } from '@preact/signals';
import type { ScreenAnswer, ScreenKey } from '../live/alarm_client';

const place = 'vigil.screen';

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

function kept(): ScreenKey | null {
  try {
    const { id, key } = JSON.parse(localStorage.getItem(place) ?? '{}') as Partial<ScreenKey>;
    return isText(id) && isText(key) ? { id, key } : null;
  } catch {
    return null;
  }
}

export const screenKey = signal<ScreenKey | null>(kept());

/** What the server said last; null: nothing yet. */
export const screenAnswer = signal<ScreenAnswer | null>(null);

/** False: it cannot be kept here, and would not be this screen after the page is loaded anew. */
export function becomeScreen(screen: ScreenKey | null): boolean {
  screenKey.value = screen;
  screenAnswer.value = null;
  try {
    if (screen) localStorage.setItem(place, JSON.stringify(screen));
    else localStorage.removeItem(place);
    return true;
  } catch {
    return false;
  }
}
