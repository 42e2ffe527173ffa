// What other limits would have done in the made-up ward, told line by line as the server does.
import { Refusal } from './refusal.mjs';
import { unitLimits } from './alarm_limits.mjs';

const dayS = 86_400;

/** Whom the question names, of those the account reaches. */
function askedPatients({ access }, { patients, unit }, by) {
  const reached = access.reached(by);
  const asked = patients
    ? reached.filter(({ id }) => patients.includes(id))
    : reached.filter((one) => one.unit === unit);
  if (asked.length > 0) return asked;
  throw new Refusal(400, 'malformed', 'of whom: "patients": [ID…], or "unit"', 'patients');
}

function compared(patient, { from, to, limits, events = [] }) {
  const n = Number(patient.id);
  const looked_at_s = (Date.parse(to) - Date.parse(from)) / 1000;
  const days = looked_at_s / dayS;
  const conditions = limits.map(({ condition }, i) => {
    const { words, priority } = unitLimits('adult').find((one) => one.condition === condition);
    const alarms_before = Math.round((12 + ((n * 7) % 9)) * days);
    return {
      condition,
      words,
      priority,
      alarms_before,
      alarms_after: Math.round(alarms_before * 0.3) + i,
      missed: n % 3,
      later_median_s: 4,
      later_max_s: 9 + n,
      present_before_s: alarms_before * 40,
      present_after_s: alarms_before * 15,
    };
  });
  const sum = (name) => conditions.reduce((all, one) => all + one[name], 0);
  return {
    patient: patient.id,
    readings: Math.round(looked_at_s),
    looked_at_s,
    alarms_before: sum('alarms_before'),
    alarms_after: sum('alarms_after'),
    missed: sum('missed'),
    cut: false,
    conditions,
    events: events
      .filter((event) => event.patient === patient.id)
      .map(({ kind, from: begin, to: end }) => ({
        kind,
        from: begin,
        to: end,
        detected_before_s: 12,
        detected_after_s: n % 2 === 0 ? 31 : null,
      })),
  };
}

function totalOf(lines) {
  const sum = (name) => lines.reduce((all, one) => all + one[name], 0);
  const looked_at_s = sum('looked_at_s');
  const aDay = (alarms) => (alarms * dayS) / looked_at_s;
  return {
    patients: lines.length,
    looked_at_s,
    alarms_before: sum('alarms_before'),
    alarms_after: sum('alarms_after'),
    missed: sum('missed'),
    a_bed_a_day_before: aDay(sum('alarms_before')),
    a_bed_a_day_after: aDay(sum('alarms_after')),
  };
}

/** Each line takes a while to work out; a test may hold them by `state.whatIfMs`. */
async function* told(state, patients, question) {
  const lines = [];
  for (const patient of patients) {
    await new Promise((done) => setTimeout(done, state.whatIfMs ?? 60));
    lines.push(compared(patient, question));
    yield lines.at(-1);
  }
  yield { total: totalOf(lines) };
}

function ask(state, { body, by }) {
  if (!(body.limits?.length > 0))
    throw new Refusal(400, 'malformed', 'say what would be different: limits, rules', 'limits');
  if (state.isAsking) throw new Refusal(503, 'busy', 'another what-if is under way: wait for it');
  return { lines: told(state, askedPatients(state, body, by), body) };
}

/** [method, path, needs, answer] */
export const whatIfRoutes = [['POST', '/api/alarms/what-if', ['vitals', 'r'], ask]];
