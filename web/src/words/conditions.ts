// Alarm conditions by the names that the server tells them under (data/alarm-conditions.tsv); English needs
// no words of its own. A smart condition has the name that somebody gave it.
import { room } from './room';

const named = room<string>(
  {},
  { de: () => import('./conditions_de').then((it) => it.conditionsDe) },
);

export const conditionIn = (english: string): string => named.or(english, english);
