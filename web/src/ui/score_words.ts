// A score in words: its name, its total or bounds, its band, since when, and which way it went.
import type { Band, Score, ScoreInput } from '../api/score_shapes';
import { digitsOf, sinceOf, wanting } from '../score/score_view';
import { localDecimal, localNumber, localTimeOfDay } from '../vital/format';
import { wardUnit } from '../vital/units';
import { locale } from '../words';
import { scoreWords as s } from '../words/scores';

/** What a site has loaded itself has a name of its own. */
export const scoreName = ({ key, name }: Pick<Score, 'key' | 'name'>) => s.or(`score.${key}`, name);
const plain = (key: string) => key.replaceAll('_', ' ');
export const inputName = (key: string) => s.or(`input.${key}`, plain(key));
export const riskText = ({ risk }: Band) => s.or(`risk.${risk}`, plain(risk));
export const bandText = ({ key }: Pick<Score, 'key'>, band: Band) =>
  s.or(`band.${key}.${band.key}`, '');

export const settingName = (key: string) => s.or(`setting.${key}`, plain(key));
export const settingValue = (key: string, value: string) => s.or(`setting.${key}.${value}`, value);

export const clock = (time: string | number) =>
  localTimeOfDay(typeof time === 'number' ? time : Date.parse(time), locale.value);

export function number(value: number | null, digits: number): string {
  if (value === null) return s('unknown');
  if (digits === 0) return localNumber(value, locale.value);
  return localDecimal(value.toFixed(digits), locale.value);
}

/** "5 to 8" where it is not known more exactly. */
export function boundsText(
  { least, most }: { least: number | null; most: number | null },
  digits: number,
): string {
  if (least === null || most === null) return s('unknown');
  if (least === most) return number(least, digits);
  return s('bounds', { least: number(least, digits), most: number(most, digits) });
}

export const totalText = (score: Score): string =>
  score.total === null ? boundsText(score, digitsOf(score)) : number(score.total, digitsOf(score));

/** "Incomplete: consciousness (missing), temperature (too old)". */
export function wantingText(score: Score): string {
  const list = wanting(score).map(({ key, state }) =>
    s('lacks', { input: inputName(key), state: s(`state.${state}`) }),
  );
  return list.length === 0 ? '' : s('incomplete', { what: list.join(', ') });
}

export function sinceText(score: Score): string {
  const since = sinceOf(score);
  if (since === null) return '';
  return s(score.complete ? 'since' : 'incomplete_since', { time: clock(since) });
}

export function trendText(score: Score): string {
  const { trend } = score;
  if (!trend) return '';
  const then = number(trend.then, digitsOf(score));
  return s('trend', { direction: s(trend.direction), then, time: clock(trend.since) });
}

export function dueText({ observations_due: due }: Score, nowMs: number): string {
  if (due === null) return '';
  return s(Date.parse(due) < nowMs ? 'overdue' : 'due', { time: clock(due) });
}

export function inputValue({ value, unit_shown: unit }: Pick<ScoreInput, 'value' | 'unit_shown'>) {
  if (value === null) return '–';
  if (!/^-?[\d.]+$/.test(value)) return s.or(`level.${value}`, plain(value));
  const text = localDecimal(value, locale.value);
  return unit ? s('amount', { value: text, unit: wardUnit(unit) }) : text;
}
