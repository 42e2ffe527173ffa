import { describe, expect, it } from 'vitest';
import type { AlarmBed } from '../../src/api/alarm_shapes';
import { AlarmClient } from '../../src/live/alarm_client';
import type { Connection } from '../../src/live/line';
import { playedSurroundings } from './played_line';

function stage() {
  const { around, sockets, last, pass } = playedSurroundings();
  const heard: { beds: string[]; all: boolean }[] = [];
  const connections: Connection[] = [];
  const hearts: boolean[] = [];
  const paints: (() => void)[] = [];
  const client = new AlarmClient(
    { ...around, painted: (run) => paints.push(run) },
    {
      beds: (beds, all) => heard.push({ beds: beds.map((bed) => bed.patient ?? ''), all }),
      heartbeat: (watching) => hearts.push(watching),
      heard: () => undefined,
      connection: (connection) => connections.push(connection),
    },
  );
  client.start();
  last().says({ type: 'hello', server_time: '2026-01-01T00:00:00Z', heartbeat_s: 1, version: '1' });
  const beds = (number: number, all: boolean, ...patients: string[]) =>
    last().says({
      type: 'beds',
      number,
      all,
      beds: patients.map((patient) => ({ patient }) as AlarmBed),
    });
  const paint = () => {
    for (const run of paints.splice(0)) run();
  };
  return { client, sockets, last, pass, heard, connections, hearts, beds, paint };
}

describe('AlarmClient', () => {
  it('passes on everybody, and then whoever changes', () => {
    const { beds, heard } = stage();
    beds(1, true, '1', '2');
    beds(2, false, '2');
    expect(heard).toEqual([
      { beds: ['1', '2'], all: true },
      { beds: ['2'], all: false },
    ]);
  });

  it('confirms a frame once it has been painted, and not before', () => {
    const { beds, last, paint } = stage();
    beds(1, true, '1');
    expect(last().sent).toEqual([]);
    paint();
    expect(last().sent).toEqual([{ type: 'shown', number: 1 }]);
  });

  it('confirms nothing of a connection that broke on the one after it', () => {
    const { beds, last, paint, pass } = stage();
    beds(1, true, '1');
    last().breaks();
    pass(300);
    last().says({ type: 'hello', server_time: '2026-01-01T00:00:01Z', heartbeat_s: 1 });
    paint();
    expect(last().sent).toEqual([]);
  });

  it('counts as lost after three heartbeats without a word, and comes back', () => {
    const { connections, pass, sockets } = stage();
    pass(2999);
    expect(connections.at(-1)?.state).toBe('live');
    pass(1);
    expect(connections.at(-1)?.state).toBe('lost');
    pass(300);
    expect(sockets).toHaveLength(2);
  });

  it('passes on that nobody is watching', () => {
    const { last, hearts } = stage();
    const time = '2026-01-01T00:00:01Z';
    last().says({ type: 'heartbeat', server_time: time, as_of: time, watching: false });
    expect(hearts).toEqual([false]);
  });

  it('ends with the session, and does not come back by itself', () => {
    const { last, connections, pass, sockets } = stage();
    last().breaks(1008);
    pass(60_000);
    expect(connections.at(-1)?.state).toBe('ended');
    expect(sockets).toHaveLength(1);
  });
});
