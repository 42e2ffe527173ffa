// The texts of duties and contacts, with whatever shows them.
import { dutiesEn } from './duties_en';
import { room } from './room';

export const dutyWords = room(dutiesEn, {
  de: () => import('./duties_de').then((module) => module.dutiesDe),
});
