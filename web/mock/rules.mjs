// Smart conditions of the made-up ward, and when one would have held. Of a rule's text the mock knows as much as
// that a number stands after a comparison, and that SpO2 is no pressure.
import { Refusal } from './refusal.mjs';

const iso = (ms) => new Date(ms).toISOString();
const hourMs = 3_600_000;

/** Of each mock its own, by patient. */
const rulesOf = (state, patient) => {
  state.rules ??= new Map();
  if (!state.rules.has(patient)) state.rules.set(patient, []);
  return state.rules.get(patient);
};

const fault = (at, why) => new Refusal(400, 'malformed', `character ${at + 1}: ${why}`, 'text');

function check(text) {
  if (!text)
    throw new Refusal(400, 'malformed', 'the rule in one line: docs/guides/alarm-rules.md', 'text');
  const bytes = (index) => Buffer.byteLength(text.slice(0, index));
  const unit = /spo2 *[<>]=? *\d+ *(mmHg)/i.exec(text);
  if (unit)
    throw fault(
      bytes(unit.index + unit[0].length - unit[1].length),
      '"mmHg" stands where % (or no unit) should',
    );
  const comparison = /[<>]=? *(?![\d ])/.exec(text);
  if (comparison)
    throw fault(bytes(comparison.index + comparison[0].length), 'a number should stand here');
}

const needReason = (reason) => {
  if (!reason) throw new Refusal(400, 'malformed', 'say why', 'reason');
};

function made(state, id, { name, text, priority, latching = false, reason }, by) {
  check(text);
  needReason(reason);
  if (!name) throw new Refusal(400, 'malformed', 'what its alarms are called', 'name');
  const since = iso(state.ward.now());
  return { id, name, text, priority, latching, by: by.username, reason, since };
}

function add(state, { id, body, by }) {
  const rules = rulesOf(state, id);
  state.ruleNumber = (state.ruleNumber ?? 40_000) + 1;
  rules.push(made(state, `rule_${state.ruleNumber}`, body, by));
  return { rules };
}

function placeOf(state, id, more) {
  const rules = rulesOf(state, id);
  const place = rules.findIndex((rule) => rule.id === more);
  if (place < 0) throw new Refusal(404, 'not_found', 'no such rule here', 'rule');
  return { rules, place };
}

function change(state, { id, more, body, by }) {
  const { rules, place } = placeOf(state, id, more);
  rules[place] = made(state, more, body, by);
  return { rules };
}

function remove(state, { id, more, body }) {
  const { rules, place } = placeOf(state, id, more);
  needReason(body.reason);
  rules.splice(place, 1);
  return { rules };
}

/** It held twice a day for minutes, and holds now; a rule about CVP has no readings. */
function dryRun(state, { body: { text, from, to } }) {
  check(text);
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  if (/cvp/i.test(text)) return { spans: [], cut: false, readings: 0, held_s: 0, looked_at_s: 0 };
  const spans = [];
  for (let at = begin + 3 * hourMs; at < end - 2 * hourMs; at += 12 * hourMs) {
    const lasted = 240_000 + ((at / hourMs) % 5) * 90_000;
    spans.push({ from: iso(at), to: iso(at + lasted), open: false });
  }
  spans.push({ from: iso(end - 600_000), to: iso(end), open: true });
  const held = spans.reduce((sum, span) => sum + Date.parse(span.to) - Date.parse(span.from), 0);
  return {
    spans,
    cut: false,
    readings: Math.round((end - begin) / 1000),
    held_s: held / 1000,
    looked_at_s: (end - begin) / 1000,
  };
}

const ofPatient = ({ id }) => id;
const reads = ['vitals', 'r', ofPatient];
const writes = ['vitals', 'w', ofPatient];

/** [method, path, needs, answer] */
export const ruleRoutes = [
  [
    'GET',
    '/api/patients/:id/alarm-rules',
    reads,
    (state, { id }) => ({ rules: rulesOf(state, id) }),
  ],
  ['POST', '/api/patients/:id/alarm-rules', writes, add],
  ['POST', '/api/patients/:id/alarm-rules/dry-run', reads, dryRun],
  ['PUT', '/api/patients/:id/alarm-rules/:more', writes, change],
  ['DELETE', '/api/patients/:id/alarm-rules/:more', writes, remove],
];
