// The texts of early-warning scores, with whatever shows them.
import { room } from './room';
import { scoresEn } from './scores_en';

export const scoreWords = room(scoresEn, {
  de: () => import('./scores_de').then((module) => module.scoresDe),
});
