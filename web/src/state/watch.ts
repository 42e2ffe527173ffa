// The app's one watch over the server: catalogue, ward and live stream, wired together.
import { computed, signal } from '@preact/signals';
import { readCatalogue, readPatient, readWard } from '../api/calls';
import type { ApiErrorBody, Metric } from '../api/shapes';
import { LiveClient, type Connection, type Socket } from '../live/client';
import type { Subscription } from '../live/messages';
import { ServerClock } from '../live/server_clock';
import type { PatientLive } from './patient_live';
import { Ward } from './ward';

export const catalogue = new Map<string, Metric>();
export const ward = new Ward(catalogue);
export const connection = signal<Connection>({ state: 'idle' });
/** Grows with each heartbeat of the server. */
export const heartbeats = signal(0);
/** Why the ward could not be loaded; null while all is well. */
export const wardError = signal<ApiErrorBody | null>(null);

const clock = new ServerClock(() => Date.now());
export const serverNow = (): number => clock.now();
export const hearServerTime = (time: string): void => clock.heard(time);
/** The server's time, moving once a second: what ages are told by. */
export const now = signal(Date.now());

/** Of the patients who were asked for by name, those whom the account does not reach, or no longer. */
export const refused = signal<readonly string[]>([]);
/** Grows when whom the account reaches may have changed: the stream began anew by itself. */
export const reachChanged = signal(0);

export const isLost = computed(() => connection.value.state === 'lost');

const live = new LiveClient(
  {
    open: openSocket,
    now: () => clock.now(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    random: () => Math.random(),
  },
  {
    frame: (frame) => {
      if ('server_time' in frame) clock.heard(frame.server_time);
      if (frame.type === 'hello') ward.reconnected();
      if ('refused' in frame && frame.refused.length > 0) refused.value = frame.refused;
      if (frame.type === 'heartbeat') heartbeats.value += 1;
      ward.frame(frame);
    },
    waveforms: (blocks) => ward.waveforms(blocks, performance.now()),
    begunAnew: () => {
      reachChanged.value += 1;
    },
    refused: () => {
      if (watching.patients === 'all') reachChanged.value += 1;
      else refused.value = watching.patients;
    },
    connection: (state) => {
      connection.value = state;
    },
  },
);

function openSocket(): Socket {
  const address = new URL('/api/live', location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(address);
  socket.binaryType = 'arraybuffer';
  return socket as Socket;
}

/** How long a tab may be hidden before its waveforms are left out: nobody sees them. */
const hiddenMs = 10_000;

export function startWatch(): void {
  setInterval(() => {
    now.value = clock.now();
  }, 1000);
  addEventListener('online', () => live.retryNow());
  let hiding: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(() => live.showWaveforms(false), hiddenMs);
    else {
      now.value = clock.now();
      live.showWaveforms(watching.waveforms);
    }
  });
  ward.strangers.subscribe((count) => {
    if (count > 0) void loadWard();
  });
  reachChanged.subscribe((count) => {
    if (count > 0 && ward.beds.peek() !== null) void loadWard();
  });
}

/** The stream where no values are shown: how the devices are, and that the server is there. */
export const watchDevices: Subscription = {
  patients: 'all',
  metrics: ['battery_level'],
  waveforms: false,
};

let watching: Subscription = { patients: 'all', metrics: 'all', waveforms: false };

export function watch(subscription: Subscription): void {
  watching = subscription;
  refused.value = [];
  live.subscribe(subscription);
}

export function stopWatch(): void {
  live.stop();
}

/** Goes on with what was watched. */
export const resumeWatch = (): void => live.subscribe(watching);

export async function loadCatalogue(): Promise<void> {
  if (catalogue.size > 0) return;
  const answer = await readCatalogue();
  if (answer.ok) for (const metric of answer.body.metrics) catalogue.set(metric.key, metric);
  else wardError.value = answer.error;
}

export async function loadWard(): Promise<void> {
  await loadCatalogue();
  const answer = await readWard();
  wardError.value = answer.ok ? null : answer.error;
  if (!answer.ok) return;
  clock.heard(answer.body.server_time);
  now.value = clock.now();
  ward.load(answer.body);
}

export async function loadPatient(
  id: string,
  signal: AbortSignal,
): Promise<{ patient: PatientLive } | { error: ApiErrorBody }> {
  await loadCatalogue();
  const answer = await readPatient(id, signal);
  if (!answer.ok) return { error: answer.error };
  return { patient: ward.loadPatient(answer.body) };
}
