import { describe, expect, it } from 'vitest';
import type { AlarmBed } from '../../src/api/alarm_shapes';
import { AlarmClient, type ScreenKey } from '../../src/live/alarm_client';
import type { Connection } from '../../src/live/line';
import { playedSurroundings } from './played_line';

function stage() {
  const { around, sockets, last, pass } = playedSurroundings();
  const heard: { beds: string[]; all: boolean }[] = [];
  const connections: Connection[] = [];
  const hearts: boolean[] = [];
  const paints: (() => void)[] = [];
  const glass = { isSeen: true, isHeard: true };
  const screen: { key: ScreenKey | null } = { key: null };
  const answers: boolean[] = [];
  const client = new AlarmClient(
    {
      ...around,
      painted: (run) => paints.push(run),
      screen: () => screen.key,
      glass: () => glass,
    },
    {
      beds: (beds, all) => heard.push({ beds: beds.map((bed) => bed.patient ?? ''), all }),
      heartbeat: (watching) => hearts.push(watching),
      heard: () => undefined,
      screen: ({ expected }) => answers.push(expected),
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
  const beat = () =>
    last().says({
      type: 'heartbeat',
      server_time: '2026-01-01T00:00:01Z',
      as_of: '2026-01-01T00:00:01Z',
      watching: true,
    });
  return {
    ...{ client, sockets, last, pass, heard, connections, hearts, beds, paint },
    ...{ glass, screen, answers, beat },
  };
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

describe('A screen that people rely on', () => {
  const key = { id: '2147483652', key: 'secret' };

  function central() {
    const it = stage();
    it.screen.key = key;
    it.client.sayWhich();
    it.beds(1, true, '1');
    it.paint();
    return it;
  }
  const painted = (number: number, sound = true) => ({ type: 'painted', number, sound });
  const confirmed = (sent: unknown[]) =>
    sent.filter((frame) => (frame as { type: string }).type === 'painted');

  it('says which one it is, also on the next connection', () => {
    const { last, pass, answers } = central();
    expect(last().sent[0]).toEqual({ type: 'display', ...key });
    last().says({ type: 'display', id: key.id, expected: true });
    expect(answers).toEqual([true]);
    last().breaks();
    pass(300);
    last().says({ type: 'hello', server_time: '2026-01-01T00:00:01Z', heartbeat_s: 1 });
    expect(last().sent).toEqual([{ type: 'display', ...key }]);
  });

  it('confirms with each heartbeat what is on the glass, and whether it can be heard', () => {
    const { last, beat, paint, glass, beds } = central();
    beat();
    expect(confirmed(last().sent)).toEqual([]);
    paint();
    beds(2, false, '1');
    glass.isHeard = false;
    beat();
    paint();
    expect(confirmed(last().sent)).toEqual([painted(1), painted(2, false)]);
  });

  it('confirms nothing while it is covered, and once for all heartbeats that it slept through', () => {
    const { last, beat, paint, glass } = central();
    glass.isSeen = false;
    beat();
    paint();
    glass.isSeen = true;
    for (let n = 0; n < 100; n += 1) beat();
    paint();
    expect(confirmed(last().sent)).toEqual([painted(1)]);
  });

  it('says nothing where nobody relies on it', () => {
    const { last, beat, paint } = stage();
    beat();
    paint();
    expect(last().sent).toEqual([]);
  });
});
