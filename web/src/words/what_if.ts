// The texts of a what-if, with whatever shows them.
import { room } from './room';
import { whatIfEn } from './what_if_en';

export const whatIfWords = room(whatIfEn, {
  de: () => import('./what_if_de').then((module) => module.whatIfDe),
});
