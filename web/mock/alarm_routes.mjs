// The calls of docs/reference/alarms-api.md, as the mock server answers them.
const ofPatient = ({ id }) => id;
const reads = ['vitals', 'r', ofPatient];
const writes = ['vitals', 'w', ofPatient];
const act = ['vitals', 'w'];

function reachedBeds({ alarms, access }, by) {
  const reached = new Set(access.reached(by).map(({ id }) => id));
  return alarms.all().filter(({ patient }) => patient === null || reached.has(patient));
}

/** Newest first; the cursor is how many have been told. */
function events(state, { url, by }) {
  const { alarms } = state;
  const get = (name) => url.searchParams.get(name);
  const time = (name) =>
    new Date(/^\d+$/.test(get(name)) ? Number(get(name)) : get(name)).toISOString();
  const reached = new Set(reachedBeds(state, by).map(({ patient }) => patient));
  const wanted = alarms.events.filter(
    (event) =>
      reached.has(event.patient) &&
      (!get('patient') || event.patient === get('patient')) &&
      (!get('from') || event.time >= time('from')) &&
      (!get('to') || event.time <= time('to')),
  );
  const begin = Number(get('cursor') ?? 0);
  const end = begin + Number(get('limit') ?? 200);
  return { events: wanted.slice(begin, end), next: end < wanted.length ? String(end) : null };
}

const none = { median_s: null, p90_s: null, max_s: null };
const sumOf = (all, beds) => ({
  alarms: all.length,
  a_bed_a_day: beds === 0 ? 0 : all.length / beds,
  unanswered: all.length,
  response: none,
  lasted: none,
});

/** Of the last day; nobody has answered in it. */
function load(state, { by }) {
  const beds = reachedBeds(state, by);
  const reached = new Set(beds.map(({ patient }) => patient));
  const onsets = state.alarms.events.filter(
    ({ type, patient }) => type === 'onset' && reached.has(patient),
  );
  const group = (key) => {
    const groups = new Map();
    for (const one of onsets) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
    return [...groups].sort((a, b) => b[1].length - a[1].length);
  };
  return {
    cut: false,
    from: state.alarms.now(),
    to: state.alarms.now(),
    beds: beds.length,
    ...sumOf(onsets, beds.length),
    priorities: ['high', 'medium', 'low'].map((priority) => ({
      priority,
      ...sumOf(
        onsets.filter((one) => one.priority === priority),
        beds.length,
      ),
    })),
    conditions: group(({ condition }) => condition).map(([condition, all]) => ({
      condition,
      words: all[0].words,
      priority: all[0].priority,
      ...sumOf(all, beds.length),
    })),
    worst_beds: group(({ patient }) => patient).map(([patient, all]) => ({
      patient,
      device: null,
      screen: null,
      alarms: all.length,
    })),
    hours: new Array(24).fill(0),
  };
}

const list = ({ alarms, access }, { by }) => ({
  as_of: alarms.now(),
  lag_s: 0.02,
  beds: reachedBeds({ alarms, access }, by),
});

/** [method, path, needs, answer] */
export const alarmRoutes = [
  ['GET', '/api/alarms', ['vitals', 'r'], list],
  ['GET', '/api/alarms/events', ['vitals', 'r'], events],
  ['GET', '/api/alarms/load', ['vitals', 'r'], load],
  ['GET', '/api/patients/:id/alarms', reads, ({ alarms }, { id }) => alarms.shown(alarms.bed(id))],
  [
    'POST',
    '/api/alarms/:id/acknowledge',
    act,
    ({ alarms }, { id, body, by }) => alarms.acknowledge(id, body, by.username),
  ],
  [
    'POST',
    '/api/alarms/:id/answer',
    act,
    ({ alarms }, { id, body, by }) => alarms.answer(id, body, by.username),
  ],
  [
    'POST',
    '/api/patients/:id/alarm-inactivations',
    writes,
    ({ alarms }, { id, body, by }) => alarms.inactivate(id, body, by.username),
  ],
  [
    'DELETE',
    '/api/alarm-inactivations/:id',
    act,
    ({ alarms }, { id, by }) => alarms.reactivate(id, by.username),
  ],
  ['GET', '/api/patients/:id/alarm-limits', reads, ({ alarms }, { id }) => alarms.limitsOf(id)],
  [
    'PUT',
    '/api/patients/:id/alarm-limits/:more',
    writes,
    ({ alarms }, { id, more, body, by }) => alarms.setLimit(id, more, body, by.username),
  ],
  [
    'DELETE',
    '/api/patients/:id/alarm-limits/:more',
    writes,
    ({ alarms }, { id, more, body, by }) => alarms.unsetLimit(id, more, body, by.username),
  ],
  [
    'PUT',
    '/api/patients/:id/age-class',
    writes,
    ({ alarms }, { id, body, by }) => alarms.setAgeClass(id, body, by.username),
  ],
];
