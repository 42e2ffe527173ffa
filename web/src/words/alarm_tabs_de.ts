// Wie die Teile der Alarmseite auf Deutsch heißen.
import type { TabWords } from './alarm_tabs';

export const alarmTabsDe: TabWords = {
  label: 'Alarme',
  alarms: 'Was ansteht',
  defaults: 'Grenzen der Stationen',
  'what-if': 'Was wäre, wenn',
  rules: 'Regeln…',
  duties: 'Wer benachrichtigt wird',
  displays: 'Zentralbildschirme',
};
