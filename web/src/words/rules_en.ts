// The texts of smart conditions, in English.
import type { Entry } from './en';

export const rulesEn = {
  title: 'Smart conditions',
  lead: 'A rule combines metrics and time in one line. Where it holds, it is an alarm like any other.',
  none: 'No rule is set for this patient.',
  'column.name': 'Name',
  'column.text': 'Rule',
  'column.priority': 'Priority',
  'column.set': 'Set',
  'column.acts': 'What to do',
  latching: 'latching',
  set_by: '{who}, {time}',
  add: 'Add a rule',
  change: 'Change',
  change_of: 'Change {name}',
  remove: 'Remove',
  remove_of: 'Remove {name}',
  name: 'Name',
  name_hint: 'What its alarms are called.',
  text: 'Rule',
  text_hint:
    'Metrics by key or short name (SpO2, HR, PR, RR, SBP, DBP, MAP, TEMP); <, <=, >, >=, for, rising … over, falling … over, missing for, while; and, or, not and brackets.',
  examples: 'Examples',
  example_of: 'Take as the rule: {text}',
  priority: 'Priority',
  is_latching: 'Latching: it stays until somebody has seen to it',
  reason: 'Why',
  reason_hint: 'It is put on record, with your name.',
  do: 'Set',
  fault: 'At character {n}: {why}',

  try: 'Try it on what has been',
  try_lead: 'Nothing is changed by it.',
  over: 'Over',
  days: { one: 'the last day', other: 'the last {n} days' },
  try_do: 'Try',
  trying: 'Looking at what has been…',
  held: {
    one: 'It would have held once, for {held} of {looked_at}.',
    other: 'It would have held {n} times, for {held} of {looked_at}.',
  },
  never: 'It would not have held in {looked_at} of readings.',
  no_data: 'There are no readings of these metrics in that time.',
  cut: 'There are more: these are the first.',
  chart: {
    one: 'Held once between {from} and {to}.',
    other: 'Held {n} times between {from} and {to}.',
  },
  spans: 'When it would have held',
  'span.from': 'From',
  'span.to': 'To',
  'span.lasted': 'Lasted',
  'span.open': 'still held',
} as const satisfies Record<string, Entry>;

export type RuleWords = Record<keyof typeof rulesEn, Entry>;
