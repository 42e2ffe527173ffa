// The app's one watch over alarms: their stream, what stands, and whether anybody is watching at all.
import { computed, effect, signal } from '@preact/signals';
import { highest, standing, withBeds, type AlarmBeds } from '../alarm/standing';
import type { AlarmBed } from '../api/alarm_shapes';
import { AlarmClient } from '../live/alarm_client';
import type { Connection, Socket } from '../live/line';
import { locked } from './lock';
import { screenAnswer, screenKey } from './screen';
import { isSilent } from './sounding';
import { hearServerTime, loadPatient, loadWard, serverNow, ward } from './watch';

export const alarmBeds = signal<AlarmBeds>(new Map());
/** False until the first word of everybody on this connection. */
const isTold = signal(false);
export const alarmLine = signal<Connection>({ state: 'idle' });
/** What the last heartbeat said. */
const heart = signal({ watching: true, asOf: '' });
/** Grows with each heartbeat. */
export const alarmBeats = signal(0);

export const standingAlarms = computed(() => standing(alarmBeds.value));
export const highestAlarm = computed(() => highest(standingAlarms.value.map((one) => one.alarm)));

/** Why what is shown may not be what there is. */
export type AlarmTrouble = { what: 'lost'; since: number } | { what: 'unwatched'; since: number };

export const alarmTrouble = computed<AlarmTrouble | null>(() => {
  const line = alarmLine.value;
  if (line.state === 'lost') return { what: 'lost', since: line.since };
  if (line.state === 'live' && !heart.value.watching)
    return { what: 'unwatched', since: Date.parse(heart.value.asOf) };
  return null;
});

export type AlarmWatching = 'off' | 'beginning' | 'watching' | AlarmTrouble['what'];

export const alarmWatching = computed<AlarmWatching>(() => {
  const { state } = alarmLine.value;
  if (state === 'idle' || state === 'ended') return 'off';
  return alarmTrouble.value?.what ?? (isTold.value && state === 'live' ? 'watching' : 'beginning');
});

function openSocket(): Socket {
  const address = new URL('/api/alarms/live', location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return new WebSocket(address) as Socket;
}

/** After the frame that shows it: a tab that is hidden draws none, and has shown nothing. */
function painted(run: () => void): void {
  requestAnimationFrame(() => setTimeout(run));
}

const client = new AlarmClient(
  {
    open: openSocket,
    now: serverNow,
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    random: () => Math.random(),
    painted,
    screen: () => screenKey.peek(),
    glass: () => ({ isSeen: !locked.peek(), isHeard: !isSilent.peek() }),
  },
  {
    beds: putBeds,
    heartbeat: (watching, asOf) => {
      heart.value = { watching, asOf };
      alarmBeats.value += 1;
    },
    heard: hearServerTime,
    screen: (answer) => (screenAnswer.value = answer),
    connection: (connection) => {
      alarmLine.value = connection;
      if (connection.state !== 'live') isTold.value = false;
      else heart.value = { watching: true, asOf: '' };
      if (connection.state === 'idle' || connection.state === 'ended') alarmBeds.value = new Map();
    },
  },
);

function putBeds(beds: readonly AlarmBed[], all: boolean): void {
  alarmBeds.value = withBeds(alarmBeds.peek(), beds, all);
  if (all) isTold.value = true;
}

/** An act's answer is the bed as it is now: it need not wait for the stream. */
export const putBed = (bed: AlarmBed): void => putBeds([bed], false);

/** To be called when this browser has become a screen that people rely on. */
export const sayWhichScreen = (): void => client.sayWhich();

const retryNow = () => client.retryNow();
let stopNaming: () => void = () => undefined;

export function startAlarmWatch(): void {
  if (alarmLine.peek().state !== 'idle' && alarmLine.peek().state !== 'ended') return;
  // Whoever an alarm is of is to have a name when it comes.
  if (ward.beds.peek() === null) void loadWard();
  client.start();
  addEventListener('online', retryNow);
  stopNaming();
  stopNaming = effect(() => {
    nameAll([...alarmBeds.value.values()]);
  });
}

export function stopAlarmWatch(): void {
  removeEventListener('online', retryNow);
  stopNaming();
  client.stop();
}

/** Grows when somebody has got a name: who lies where is asked of the ward, or patient by patient. */
export const named = signal(0);
const asked = new Set<string>();
let naming = Promise.resolve();

async function name(patients: readonly string[]): Promise<void> {
  if (ward.beds.peek() === null) await loadWard();
  for (const id of patients.filter((one) => !ward.patient(one)))
    await loadPatient(id, new AbortController().signal);
  named.value += 1;
}

/** Only of those who have something to be named for: looking at a patient is put on record. */
function nameAll(beds: readonly AlarmBed[]): void {
  const wanted = beds.filter((bed) => bed.alarms.some((alarm) => alarm.visual));
  const patients = wanted.flatMap(({ patient }) => patient ?? []);
  const unknown = patients.filter((id) => !asked.has(id) && !ward.patient(id));
  if (unknown.length === 0) return;
  for (const id of unknown) asked.add(id);
  naming = naming.then(() => name(unknown));
}
