// The texts of what is read of an ECG, with whatever shows them.
import { room } from './room';
import { rhythmEn } from './rhythm_en';

export const rhythmWords = room(rhythmEn, {
  de: () => import('./rhythm_de').then((module) => module.rhythmDe),
});
