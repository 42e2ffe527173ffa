import { describe, expect, it } from 'vitest';
import { LiveClient, type Connection } from '../../src/live/client';
import type { ServerFrame, WaveformBlock } from '../../src/live/messages';
import { playedSurroundings } from './played_line';

/** A client whose network and clock a test plays by hand. */
function stage() {
  const { around, sockets, last, pass } = playedSurroundings();
  const connections: Connection[] = [];
  const frames: ServerFrame[] = [];
  const blocks: WaveformBlock[] = [];
  const begun = { times: 0, refused: 0 };
  const client = new LiveClient(around, {
    frame: (frame) => frames.push(frame),
    waveforms: (some) => blocks.push(...some),
    begunAnew: () => (begun.times += 1),
    refused: () => (begun.refused += 1),
    connection: (state) => connections.push(state),
  });
  return { client, sockets, connections, frames, blocks, begun, pass, last };
}

const hello = { type: 'hello', server_time: '2026-01-01T00:00:00Z', heartbeat_s: 1, version: '1' };
const heartbeat = (cursor: string) => ({
  type: 'heartbeat',
  server_time: '2026-01-01T00:00:01Z',
  cursor,
  refused: [],
});
const snapshot = (cursor: string) => ({
  type: 'snapshot',
  cursor,
  server_time: '2026-01-01T00:00:00Z',
  patients: [],
  refused: [],
  last: true,
});
const everything = { patients: 'all', metrics: 'all', waveforms: true } as const;

function liveStage() {
  const it = stage();
  it.client.subscribe(everything);
  it.last().says(hello);
  return it;
}

describe('LiveClient', () => {
  it('subscribes once the server has said hello, from a snapshot', () => {
    const { last, connections } = liveStage();
    expect(last().sent).toEqual([{ type: 'subscribe', ...everything, resume: null }]);
    expect(connections.map((one) => one.state)).toEqual(['connecting', 'live']);
  });

  it('resumes after a cut where the newest cursor stood', () => {
    const { last, pass, sockets } = liveStage();
    last().says(snapshot('0:7'));
    last().says({ type: 'readings', cursor: '0:9', replay: false, readings: [] });
    last().breaks();
    pass(300);
    expect(sockets).toHaveLength(2);
    last().says(hello);
    expect(last().sent).toEqual([{ type: 'subscribe', ...everything, resume: '0:9' }]);
  });

  it('does not take the cursor of a snapshot that is not finished', () => {
    const { last, pass } = liveStage();
    last().says({ type: 'snapshot', cursor: null, patients: [], refused: [], last: false });
    last().breaks();
    pass(300);
    last().says(hello);
    expect(last().sent).toMatchObject([{ resume: null }]);
  });

  it('takes no cursor of the subscription before while a snapshot is on its way', () => {
    const { client, last, pass } = liveStage();
    last().says(snapshot('0:7'));
    client.subscribe({ patients: ['3'], metrics: 'all', waveforms: true });
    last().says({ type: 'readings', cursor: '0:9', replay: false, readings: [] });
    last().breaks();
    pass(300);
    last().says(hello);
    expect(last().sent).toMatchObject([{ patients: ['3'], resume: null }]);
  });

  it('says when the stream shows others from now on: a snapshot that nobody asked for', () => {
    const { client, last, begun } = liveStage();
    last().says(snapshot('0:7'));
    client.subscribe({ patients: ['3'], metrics: 'all', waveforms: true });
    last().says(snapshot('0:8'));
    expect(begun.times).toBe(0);
    last().says(snapshot('0:9'));
    expect(begun.times).toBe(1);
  });

  it('does not take for the end of the session that what it asked for is forbidden', () => {
    const { client, last, begun, connections, sockets } = liveStage();
    last().says({ type: 'error', error: { kind: 'forbidden', message: '', place: '' } });
    last().breaks(1008);
    expect(connections.at(-1)?.state).toBe('idle');
    expect(begun.refused).toBe(1);
    client.subscribe(everything);
    expect(sockets).toHaveLength(2);
    last().says(hello);
    last().breaks(1008);
    expect(connections.at(-1)?.state).toBe('ended');
  });

  it('keeps its cursor while the server says that it has none to give', () => {
    const { last, pass } = liveStage();
    last().says(snapshot('0:7'));
    last().says({ ...heartbeat('0:7'), cursor: null });
    last().breaks();
    pass(300);
    last().says(hello);
    expect(last().sent).toMatchObject([{ resume: '0:7' }]);
  });

  it('calls the connection lost after three silent heartbeats, though TCP holds on', () => {
    const { last, connections, pass } = liveStage();
    const silent = last();
    pass(2900);
    expect(connections.at(-1)?.state).toBe('live');
    pass(200);
    expect(connections.at(-1)).toMatchObject({ state: 'lost', attempt: 1 });
    expect(silent.isClosed).toBe(true);
  });

  it('stays live while heartbeats come', () => {
    const { last, connections, pass } = liveStage();
    for (let i = 0; i < 10; i += 1) {
      pass(1000);
      last().says(heartbeat(`0:${i}`));
    }
    expect(connections.at(-1)?.state).toBe('live');
  });

  it('tells since when the connection is lost, however often it tries again', () => {
    const { last, connections, pass } = liveStage();
    last().breaks();
    const lostAt = connections.at(-1);
    for (let i = 0; i < 4; i += 1) {
      pass(6000);
      last().breaks();
    }
    expect(connections.at(-1)).toMatchObject({ state: 'lost', since: 0 });
    expect(lostAt).toMatchObject({ since: 0 });
  });

  it('waits longer with each try, and no longer than five seconds', () => {
    const { last, pass, sockets } = liveStage();
    const waits: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      last().breaks();
      let waited = 0;
      const before = sockets.length;
      while (sockets.length === before) {
        pass(50);
        waited += 50;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
  });

  it('tries at once when the network is said to be back', () => {
    const { client, last, sockets } = liveStage();
    last().breaks();
    client.retryNow();
    expect(sockets).toHaveLength(2);
  });

  it('does not come back by itself when the session has ended', () => {
    const { last, connections, pass, sockets } = liveStage();
    last().breaks(1008);
    pass(60_000);
    expect(connections.at(-1)?.state).toBe('ended');
    expect(sockets).toHaveLength(1);
  });

  it('sends a new subscription over the same connection, from a snapshot', () => {
    const { client, last, sockets } = liveStage();
    last().says(heartbeat('0:7'));
    client.subscribe({ patients: ['3'], metrics: 'all', waveforms: true });
    expect(sockets).toHaveLength(1);
    expect(last().sent.at(-1)).toMatchObject({ patients: ['3'], resume: null });
  });

  it('leaves waveforms out where it is, and takes them in again from a snapshot', () => {
    const { client, last } = liveStage();
    last().says(snapshot('0:7'));
    client.showWaveforms(false);
    client.showWaveforms(true);
    expect(last().sent.slice(1)).toMatchObject([
      { waveforms: false, resume: '0:7' },
      { waveforms: true, resume: null },
    ]);
  });

  it('hears nothing more of a connection it has given up', () => {
    const { last, frames, pass } = liveStage();
    const old = last();
    old.breaks();
    pass(300);
    const before = frames.length;
    old.says(heartbeat('0:99'));
    expect(frames).toHaveLength(before);
  });

  it('keeps the connection over a frame that is no JSON', () => {
    const { last, connections } = liveStage();
    last().onmessage?.({ data: '{' });
    expect(connections.at(-1)?.state).toBe('live');
  });
});
