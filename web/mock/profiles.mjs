// The limits that a unit's patients start with, and changes that wait for a second person.
import { unitLimits } from './alarm_limits.mjs';
import { forbidden, notFound, Refusal } from './refusal.mjs';

const iso = (ms) => new Date(ms).toISOString();
const settings = ['limit', 'hysteresis', 'on_delay_s', 'off_delay_s', 'priority', 'enabled'];

/** Of each mock its own: what units have set (by unit, age class and condition), and what waits. */
function profilesOf(state) {
  state.profiles ??= { set: new Map(), proposals: [], number: 0 };
  return state.profiles;
}

function need({ access }, by, unit) {
  if (!access.everyone(by) && !by.units.includes(unit))
    throw forbidden('whoever looks after this unit decides it', 'unit');
}

function profileOf(state, unit, age_class) {
  const { set, proposals } = profilesOf(state);
  return {
    unit,
    age_class,
    limits: unitLimits(age_class).map((limit) => {
      const row = {
        ...limit,
        ...set.get(`${unit} ${age_class} ${limit.condition}`),
        shipped: limit.unit_default,
      };
      delete row.unit_default;
      delete row.changed;
      return row;
    }),
    proposals: proposals.filter((one) => one.unit === unit),
  };
}

function show(state, { url, by }) {
  const unit = url.searchParams.get('unit') ?? '';
  need(state, by, unit);
  return profileOf(state, unit, url.searchParams.get('age_class') ?? 'adult');
}

function propose(state, { body: { unit, age_class, condition, reason, ...wish }, by }) {
  need(state, by, unit);
  if (!reason) throw new Refusal(400, 'malformed', 'say why', 'reason');
  const profile = profileOf(state, unit, age_class);
  const held = profile.limits.find((one) => one.condition === condition);
  if (!held) throw notFound(`no alarm condition ${condition}`, 'condition');
  if (condition === 'spo2_low' && Number(wish.limit) > 100)
    throw new Refusal(409, 'conflict', 'SpO2 low has at most 100 %', 'limit');
  if (wish.enabled === false && !held.can_switch_off)
    throw forbidden(`${held.words} cannot be switched off`, 'enabled');
  const profiles = profilesOf(state);
  profiles.number += 1;
  profiles.proposals.push({
    id: `0-0-${7000 + profiles.number}-0`,
    unit,
    age_class,
    condition,
    words: held.words,
    ...Object.fromEntries(Object.entries(wish).filter(([name]) => settings.includes(name))),
    by: by.username,
    reason,
    time: iso(state.ward.now()),
  });
  return profileOf(state, unit, age_class);
}

function decide(state, id, by, confirmed, reason) {
  const profiles = profilesOf(state);
  const found = profiles.proposals.find((one) => one.id === id);
  if (!found) throw notFound('this proposal waits no more', 'proposal');
  need(state, by, found.unit);
  if (confirmed && found.by === by.username)
    throw new Refusal(409, 'conflict', 'a second person confirms it', 'proposal');
  if (!confirmed && !reason) throw new Refusal(400, 'malformed', 'say why', 'reason');
  profiles.proposals = profiles.proposals.filter((one) => one !== found);
  const key = `${found.unit} ${found.age_class} ${found.condition}`;
  const wish = Object.fromEntries(
    Object.entries(found).filter(([name]) => settings.includes(name)),
  );
  if (confirmed) profiles.set.set(key, { ...profiles.set.get(key), ...wish });
  return profileOf(state, found.unit, found.age_class);
}

/** [method, path, needs, answer] */
export const profileRoutes = [
  ['GET', '/api/alarm-profiles', ['vitals', 'r'], show],
  ['POST', '/api/alarm-profiles/proposals', ['vitals', 'w'], propose],
  [
    'POST',
    '/api/alarm-profiles/proposals/:id/confirm',
    ['vitals', 'w'],
    (state, { id, by }) => decide(state, id, by, true),
  ],
  [
    'POST',
    '/api/alarm-profiles/proposals/:id/reject',
    ['vitals', 'w'],
    (state, { id, by, body }) => decide(state, id, by, false, body.reason),
  ],
];
