// The texts of smart conditions, with whatever shows them.
import { room } from './room';
import { rulesEn } from './rules_en';

export const ruleWords = room(rulesEn, {
  de: () => import('./rules_de').then((module) => module.rulesDe),
});
