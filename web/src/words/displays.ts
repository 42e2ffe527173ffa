// The texts of screens that people rely on, with the page of them.
import { displaysEn } from './displays_en';
import { room } from './room';

export const displayWords = room(displaysEn, {
  de: () => import('./displays_de').then((module) => module.displaysDe),
});
