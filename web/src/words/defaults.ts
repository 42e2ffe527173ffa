// The texts of units' limits, with whatever shows them.
import { defaultsEn } from './defaults_en';
import { room } from './room';

export const defaultWords = room(defaultsEn, {
  de: () => import('./defaults_de').then((module) => module.defaultsDe),
});
