// Alarms of the made-up ward: what stands at each bed, what people do about it, and what is on record of it.
// A test raises and ends them by hand (docs/reference/alarms-api.md).
import { unitLimits } from './alarm_limits.mjs';
import { Refusal } from './refusal.mjs';

const iso = (ms) => new Date(ms).toISOString();
const acknowledgedForMs = { high: 120_000, medium: 300_000, low: 600_000 };
const acceptedForMs = 180_000;
const longestS = {
  'audio-paused': 120,
  'alarm-paused': 300,
  'audio-off': 86_400,
  'alarm-off': 86_400,
};
const neverOff = ['spo2_desaturation', 'asystole', 'apnoea', 'display_lost', 'not_stored'];
const ranks = ['high', 'medium', 'low'];

const conflict = (message, place = 'alarm') => new Refusal(409, 'conflict', message, place);

/** One alarm as it begins; what a test says of it goes before. */
const onset = (id, time, more) => ({
  id,
  condition: 'spo2_low',
  words: 'SpO2 low',
  class: 'physiological',
  priority: 'medium',
  state: 'active',
  visual: true,
  audible: true,
  present: true,
  stale: false,
  metric: 'spo2',
  device: null,
  display: null,
  episode: 1,
  since: time,
  violated_since: time,
  value: null,
  limit: null,
  unit_shown: '',
  detail: '',
  acknowledged: null,
  owner: null,
  level: 1,
  told: ['bed', 'central'],
  suppressed: null,
  ...more,
});

/** What the troubles of the made-up ward are alarms of. */
function seed(alarms) {
  alarms.raise('2', {
    condition: 'spo2_desaturation',
    words: 'Desaturation',
    priority: 'high',
    value: '78',
    limit: '80',
    unit_shown: '%',
    told: ['bed', 'central', 'assigned-nurse'],
  });
  alarms.raise('3', {
    condition: 'spo2_sensor_off',
    words: 'SpO2 sensor off',
    priority: 'low',
    class: 'technical',
  });
  alarms.raise('4', {
    condition: 'heart_rate_high',
    words: 'Heart rate high',
    metric: 'heart_rate',
    value: '131',
    limit: '120',
    unit_shown: '/min',
  });
  alarms.raise('9', {
    condition: 'ecg_leads_off',
    words: 'ECG leads off',
    priority: 'medium',
    class: 'technical',
    metric: null,
  });
  const off = { condition: 'spo2_high', duration_s: 3600, reason: 'COPD, by Dr Berg' };
  alarms.inactivate('1', { kind: 'alarm-off', ...off }, 'nurse');
  const pause = { duration_s: 120, reason: 'suction' };
  alarms.inactivate('4', { kind: 'audio-paused', ...pause }, 'nurse');
  Object.assign(alarms.bed('7'), { age_confirmed: false });
}

export class MockAlarms {
  constructor(ward, withAlarms) {
    this.ward = ward;
    this.beds = new Map();
    this.events = [];
    this.number = 0;
    this.watching = true;
    /** Called with the bed that has changed. */
    this.onBed = () => undefined;
    this.limits = new Map();
    this.displays = new Map();
    if (withAlarms) seed(this);
  }

  now() {
    return iso(this.ward.now());
  }

  /** A patient's bed, or with `device` the place of a device that is on nobody. */
  bed(patient, device = null) {
    const key = patient ?? `device ${device}`;
    if (!this.beds.has(key))
      this.beds.set(key, {
        patient,
        device,
        screen: null,
        screen_name: null,
        screen_unit: null,
        as_of: this.now(),
        watched: true,
        alarms: [],
        inactivations: [],
        unmonitored_since: null,
        age_class: 'adult',
        age_confirmed: true,
      });
    return this.beds.get(key);
  }

  all() {
    for (const { id } of this.ward.patients) this.bed(id);
    return [...this.beds.values()].map((bed) => this.shown(bed));
  }

  /** As people are told of it: what is paused is not seen or heard. */
  shown(bed) {
    const now = this.ward.now();
    bed.as_of = this.now();
    bed.inactivations = bed.inactivations.filter(({ until }) => Date.parse(until) > now);
    for (const alarm of bed.alarms) this.signal(bed, alarm);
    bed.alarms.sort((a, b) => ranks.indexOf(a.priority) - ranks.indexOf(b.priority));
    return bed;
  }

  signal(bed, alarm) {
    const on = bed.inactivations.filter(
      (one) =>
        (one.alarm === null || one.alarm === alarm.id) &&
        (one.condition === null || one.condition === alarm.condition),
    );
    const is = (kind) => on.some((one) => one.kind === kind);
    const isNever = neverOff.includes(alarm.condition);
    const unseen = !isNever && (is('alarm-paused') || is('alarm-off'));
    alarm.visual = !unseen;
    alarm.suppressed = unseen ? (is('alarm-off') ? 'off' : 'paused') : null;
    alarm.audible =
      !unseen && alarm.state === 'active' && !is('audio-paused') && (isNever || !is('audio-off'));
  }

  changed(bed) {
    this.onBed(this.shown(bed));
    return bed;
  }

  raise(patient, more = {}, device = null) {
    return this.raiseAt(this.bed(patient, device), more);
  }

  raiseAt(bed, more) {
    this.number += 1;
    const alarm = onset(`0-0-${4000 + this.number}-0`, this.now(), more);
    bed.alarms.push(alarm);
    this.record(bed, 'onset', { alarm });
    this.changed(bed);
    return alarm;
  }

  find(id) {
    for (const bed of this.beds.values()) {
      const alarm = bed.alarms.find((one) => one.id === id);
      if (alarm) return { bed, alarm };
    }
    throw conflict('This alarm has ended.');
  }

  /** The condition has ended: an alarm that latches stays until somebody has seen to it. */
  end(id, latches = false) {
    const { bed, alarm } = this.find(id);
    alarm.present = false;
    if (latches && alarm.state === 'active') alarm.state = 'latched';
    else bed.alarms = bed.alarms.filter((one) => one !== alarm);
    this.record(bed, alarm.state === 'latched' ? 'latched' : 'ended', { alarm });
    this.changed(bed);
  }

  acknowledge(id, { episode, seen, reason }, by) {
    const { bed, alarm } = this.find(id);
    if (alarm.episode !== episode || alarm.priority !== seen)
      throw conflict(`It is episode ${alarm.episode} now, of ${alarm.priority} priority.`);
    if (alarm.state === 'acknowledged')
      throw conflict(`${alarm.acknowledged.by} has acknowledged it.`);
    if (alarm.state === 'latched') bed.alarms = bed.alarms.filter((one) => one !== alarm);
    else {
      alarm.state = 'acknowledged';
      const until = iso(this.ward.now() + acknowledgedForMs[alarm.priority]);
      alarm.acknowledged = { by, time: this.now(), until };
    }
    this.record(bed, 'acknowledged', { alarm, by, reason });
    return this.changed(bed);
  }

  answer(id, { response }, by) {
    const { bed, alarm } = this.find(id);
    if (response === 'accepted' && alarm.owner)
      throw conflict(`${alarm.owner.by} has accepted it.`);
    alarm.owner =
      response === 'accepted' ? { by, until: iso(this.ward.now() + acceptedForMs) } : null;
    this.record(bed, response, { alarm, by });
    return this.changed(bed);
  }

  inactivate(patient, { kind, alarm = null, condition = null, duration_s, reason }, by) {
    if (!reason) throw new Refusal(400, 'malformed', 'say why', 'reason');
    if (!(duration_s > 0 && duration_s <= longestS[kind]))
      throw new Refusal(
        400,
        'malformed',
        `${kind} has 1 to ${longestS[kind]} s here`,
        'duration_s',
      );
    if (kind !== 'audio-paused' && neverOff.includes(condition))
      throw new Refusal(403, 'forbidden', `${condition} cannot be switched off`, 'condition');
    this.number += 1;
    const bed = this.bed(patient);
    const until = iso(this.ward.now() + duration_s * 1000);
    const id = `0-0-${4000 + this.number}-0`;
    bed.inactivations.push({ id, kind, alarm, condition, by, reason, since: this.now(), until });
    this.record(bed, 'inactivated', { by, reason });
    return this.changed(bed);
  }

  reactivate(id, by) {
    for (const bed of this.beds.values()) {
      if (!bed.inactivations.some((one) => one.id === id)) continue;
      bed.inactivations = bed.inactivations.filter((one) => one.id !== id);
      this.record(bed, 'inactivation-ended', { by });
      return this.changed(bed);
    }
    throw conflict('this pause has ended', 'inactivation');
  }

  record(bed, type, { alarm = {}, by = null, reason = null }) {
    const of = (name) => alarm[name] ?? null;
    this.events.unshift({
      id: `0-0-${9000 + this.events.length}-0`,
      patient: bed.patient,
      device: bed.device,
      screen: bed.screen,
      time: this.now(),
      type,
      actor: by ?? 'system',
      reason: reason ?? '',
      detail: of('detail') ?? '',
      alarm: of('id'),
      condition: of('condition'),
      words: of('words'),
      metric: of('metric'),
      priority: of('priority'),
      state: of('state'),
      episode: of('episode'),
      level: of('level'),
      told: of('told') ?? [],
      since: of('since'),
      until: null,
      value: of('value'),
      limit: of('limit'),
      unit_shown: of('unit_shown') ?? '',
    });
  }

  limitsOf(patient) {
    const { age_class, age_confirmed } = this.bed(patient);
    const mine = this.limits.get(patient) ?? new Map();
    const unit = this.ward.patients.find(({ id }) => id === patient)?.unit ?? null;
    const limits = unitLimits(age_class).map((one) => ({ ...one, ...mine.get(one.condition) }));
    return { age_class, age_confirmed, unit, limits };
  }

  setLimit(patient, condition, { reason, ...wish }, by) {
    if (!reason) throw new Refusal(400, 'malformed', 'say why', 'reason');
    const before = this.limitsOf(patient).limits.find((one) => one.condition === condition);
    if (!before)
      throw new Refusal(404, 'not_found', `no alarm condition ${condition}`, 'condition');
    if (condition === 'spo2_low' && Number(wish.limit) > 100)
      throw conflict('SpO2 low has at most 100 %', 'limit');
    if (wish.enabled === false && neverOff.includes(condition))
      throw new Refusal(403, 'forbidden', `${before.words} cannot be switched off`, 'enabled');
    const mine = this.limits.get(patient) ?? new Map();
    this.limits.set(patient, mine);
    const changed = { by, reason, since: this.now() };
    mine.set(condition, { ...mine.get(condition), ...wish, changed });
    this.record(this.bed(patient), 'limit-changed', { by, reason });
    return this.limitsOf(patient);
  }

  unsetLimit(patient, condition, { reason }, by) {
    if (!reason) throw new Refusal(400, 'malformed', 'say why', 'reason');
    this.limits.get(patient)?.delete(condition);
    this.record(this.bed(patient), 'limit-changed', { by, reason });
    return this.limitsOf(patient);
  }

  setAgeClass(patient, { age_class }, by) {
    Object.assign(this.bed(patient), { age_class, age_confirmed: true });
    this.record(this.bed(patient), 'age-class', { by });
    this.changed(this.bed(patient));
    return this.shown(this.bed(patient));
  }
}
