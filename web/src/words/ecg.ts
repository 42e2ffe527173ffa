// The texts of the ECG's views, with whatever shows them.
import { ecgEn } from './ecg_en';
import { room } from './room';

export const te = room(ecgEn, {
  de: () => import('./ecg_de').then((module) => module.ecgDe),
});
