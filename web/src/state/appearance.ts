// Dark where people monitor (ward and wall), light at a desk and on a phone, unless the viewer chose.
import { computed, signal } from '@preact/signals';
import { preferences } from './preferences';
import { route } from './route';

export type Appearance = 'dark' | 'light';

const desk = matchMedia('(min-width: 48rem)');
const isWide = signal(desk.matches);
desk.addEventListener('change', () => {
  isWide.value = desk.matches;
});

export const appearance = computed<Appearance>(() => {
  const { theme } = preferences.value;
  if (theme !== 'auto') return theme;
  return route.value.page === 'ward' && isWide.value ? 'dark' : 'light';
});
