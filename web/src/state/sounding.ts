// Whether this screen can be heard.
import { computed, signal } from '@preact/signals';
import { preferences } from './preferences';

/** False while the browser keeps this page silent. */
export const maySound = signal(false);

/** Nothing is heard from this screen: the browser keeps it silent, or the viewer has chosen so. */
export const isSilent = computed(() => !maySound.value || !preferences.value.sound);
