// Screens that have to confirm, in the mock server: one that has not for ten seconds is an alarm.
import { randomBytes, randomInt } from 'node:crypto';
import { Refusal, notFound } from './refusal.mjs';

const gapMs = 10_000;

const shown = ({ alarms }, { id, name, unit, sounds, by, reason, since }) => ({
  ...{ id, name, unit, sounds, by, reason, since },
  lost_since: alarms.beds.get(`screen ${id}`)?.alarms[0]?.violated_since ?? null,
});

const list = (state) => ({
  displays: [...state.alarms.displays.values()].map((one) => shown(state, one)),
});

function add(state, { body, by }) {
  const { alarms } = state;
  if (!body.name) throw new Refusal(400, 'malformed', 'what people call it', 'name');
  const id = String(2 ** 31 + randomInt(2 ** 31));
  const display = {
    id,
    name: body.name,
    unit: body.unit ?? '',
    sounds: body.sounds !== false,
    by: by.username,
    reason: body.reason ?? 'at the console',
    since: alarms.now(),
    key: randomBytes(32).toString('base64url'),
    heardMs: Date.now(),
    confirmations: 0,
  };
  alarms.displays.set(id, display);
  const bed = { ...alarms.bed(null, `of screen ${id}`), device: null };
  Object.assign(bed, { screen: id, screen_name: display.name, screen_unit: display.unit });
  alarms.beds.delete(`device of screen ${id}`);
  alarms.beds.set(`screen ${id}`, bed);
  return { ...shown(state, display), key: display.key };
}

function release(state, { id }) {
  const { alarms } = state;
  if (!alarms.displays.delete(id)) throw notFound('no such screen here', 'id');
  const bed = alarms.beds.get(`screen ${id}`);
  alarms.beds.delete(`screen ${id}`);
  alarms.changed({ ...bed, alarms: [], watched: false });
  return list(state);
}

/** What the stream answers to a screen that says which one it is. */
export function displayAnswer({ alarms }, { id, key }) {
  const display = alarms.displays.get(id);
  if (!display || display.key !== key) return { type: 'display', id, expected: false };
  const { name, unit, sounds } = display;
  return { type: 'display', id, expected: true, name, unit, sounds };
}

export function confirmDisplay({ alarms }, id, sound) {
  const display = alarms.displays.get(id);
  if (!display || (display.sounds && !sound)) return;
  display.heardMs = Date.now();
  display.confirmations += 1;
  const [lost] = alarms.beds.get(`screen ${id}`).alarms;
  if (lost) alarms.end(lost.id);
}

/** Once a second. */
export function lookAtDisplays({ alarms }) {
  for (const { id, name, heardMs } of alarms.displays.values()) {
    const bed = alarms.beds.get(`screen ${id}`);
    if (Date.now() - heardMs <= gapMs || bed.alarms.length > 0) continue;
    alarms.raiseAt(bed, {
      condition: 'display_lost',
      words: 'Display does not confirm',
      class: 'technical',
      metric: null,
      display: id,
      detail: name,
      violated_since: new Date(heardMs).toISOString(),
    });
  }
}

/** [method, path, needs, answer] */
export const displayRoutes = [
  ['GET', '/api/alarm-displays', ['vitals', 'r'], list],
  ['POST', '/api/alarm-displays', ['vitals', 'w'], add],
  ['DELETE', '/api/alarm-displays/:id', ['vitals', 'w'], release],
];
