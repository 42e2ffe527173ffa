// A network and a clock that a test plays by hand.
import type { Socket, Surroundings } from '../../src/live/line';

export class PlayedSocket implements Socket {
  sent: unknown[] = [];
  isClosed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.isClosed = true;
  }
  says(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  breaks(code = 1006) {
    this.onclose?.({ code });
  }
}

export function playedSurroundings() {
  const sockets: PlayedSocket[] = [];
  const timers: { at: number; run: () => void }[] = [];
  let nowMs = 0;
  const around: Surroundings = {
    open: () => {
      const socket = new PlayedSocket();
      sockets.push(socket);
      return socket;
    },
    now: () => nowMs,
    after: (ms, run) => {
      const timer = { at: nowMs + ms, run };
      timers.push(timer);
      return () => {
        if (timers.includes(timer)) timers.splice(timers.indexOf(timer), 1);
      };
    },
    random: () => 0.5,
  };
  const pass = (ms: number) => {
    const end = nowMs + ms;
    for (;;) {
      const next = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      timers.splice(timers.indexOf(next), 1);
      nowMs = next.at;
      next.run();
    }
    nowMs = end;
  };
  const last = () => {
    const socket = sockets.at(-1);
    if (!socket) throw new Error('the client has opened no socket');
    return socket;
  };
  return { around, sockets, last, pass };
}
