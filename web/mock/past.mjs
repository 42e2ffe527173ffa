// Past samples of the made-up ward: GET /api/series/raw, and what was read of the ECG.
import { beatsBetween } from './ecg.mjs';
import { metricByKey } from './catalogue.mjs';
import { waveforms } from './physiology.mjs';
import { Refusal } from './refusal.mjs';

const iso = (ms) => new Date(ms).toISOString();
const timeOf = (text) => (/^\d+$/.test(text) ? Number(text) : Date.parse(text));
const blockMs = 1000;
const beatsSpanMs = 600_000;

function block(ward, series, from) {
  const made = ward.waveformBlock(series, from, from + blockMs);
  if (!made) return null;
  const { startMs, periodMs, scale, offset, values } = made;
  const metric = metricByKey.get(series.metric);
  return {
    ...ward.reading({ ...series, special: null, status: [] }, startMs),
    type: 'waveform',
    value: null,
    normal: null,
    unit: metric.unit,
    unit_shown: metric.unit_shown,
    waveform: {
      period_ms: periodMs,
      scale: String(scale),
      offset: String(offset),
      samples: values.map((value) =>
        value === null ? null : Math.round((value - offset) / scale),
      ),
    },
  };
}

function blocks(ward, series, from, to) {
  const found = [];
  for (let at = Math.ceil(from / blockMs) * blockMs; at < Math.min(to, ward.now()); at += blockMs) {
    const one = block(ward, series, at);
    if (one) found.push(one);
  }
  return found;
}

/** Readings as JSON, in order of filed time, in pages. */
export function rawReadings(ward, url) {
  const get = (name) => url.searchParams.get(name) ?? '';
  const metrics = url.searchParams.getAll('metric');
  const from = timeOf(get('from'));
  const to = Math.min(timeOf(get('to')), ward.now());
  const wanted = (one) =>
    metrics.includes(one.metric) && (!get('device') || one.device.id === get('device'));
  const waves = ward
    .of(get('patient'))
    .filter((one) => waveforms[one.metric] && wanted(one))
    .flatMap((one) => blocks(ward, one, from, to));
  const numerics = ward.readings(
    get('patient'),
    metrics.filter((metric) => !waveforms[metric]),
    from,
    to,
  );
  const all = [...waves, ...numerics].sort((a, b) => a.filed_time.localeCompare(b.filed_time));
  const begin = Number(get('cursor') || 0);
  const end = begin + Number(get('limit') || 200);
  return { readings: all.slice(begin, end), next: end < all.length ? String(end) : null };
}

/** What is read of the ECG of a patient: beats, rhythms, and the rate. */
export function beats(ward, id, url) {
  const get = (name) => url.searchParams.get(name) ?? '';
  const from = timeOf(get('from'));
  const to = timeOf(get('to'));
  if (!(to - from <= beatsSpanMs))
    throw new Refusal(400, 'malformed', 'At most 10 minutes at once.', 'to');
  const leads = ward.of(id).filter(({ metric }) => metric.startsWith('ecg_'));
  const until = Math.min(to, ward.now(), ...leads.map(({ endsAt }) => endsAt));
  const found = leads.length === 0 ? [] : beatsBetween(id, from, until);
  const rhythms = ward.rhythms.filter(
    (one) =>
      one.patient === id &&
      Date.parse(one.from) < to &&
      (one.to === null || Date.parse(one.to) > from),
  );
  return {
    device: leads[0]?.device.id ?? get('device'),
    from: iso(from),
    to: iso(to),
    read_from: iso(from - 10_000),
    leads: leads.map(({ metric }) => ({ metric, channel: 0 })),
    beats: found,
    rhythms: rhythms.map(({ rhythm, from: since, to: end }) => ({ rhythm, from: since, to: end })),
    heart_rate: found
      .filter((_, i) => i % 10 === 9)
      .map(({ time }) => ({ time, value: Math.round((60_000 * 9) / spanOf(found, time)) })),
    cut: false,
  };
}

/** How long the last nine intervals before a beat are together. */
function spanOf(found, time) {
  const at = found.findIndex((one) => one.time === time);
  return Date.parse(time) - Date.parse(found[at - 9].time);
}
