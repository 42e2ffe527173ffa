// What the parts of the alarms' page are called, and the ways into them.
import { room } from './room';

const alarmTabsEn = {
  label: 'Alarms',
  alarms: 'What stands',
  defaults: 'Units’ limits',
  'what-if': 'What if',
  rules: 'Smart conditions…',
  duties: 'Who is told',
  displays: 'Central screens',
};

export const tabWords = room(alarmTabsEn, {
  de: () => import('./alarm_tabs_de').then((module) => module.alarmTabsDe),
});
export type TabWords = Record<keyof typeof alarmTabsEn, string>;
