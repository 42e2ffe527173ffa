import { afterEach, describe, expect, it, vi } from 'vitest';
import { requestLines } from '../../src/api/http';

/** An answer that comes in these pieces, however they cut it. */
function answers(pieces: readonly string[], status = 200) {
  const bytes = pieces.map((piece) => new TextEncoder().encode(piece));
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of bytes) controller.enqueue(piece);
      controller.close();
    },
  });
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(body, { status })));
}

async function told(): Promise<{ lines: unknown[]; ok: boolean }> {
  const lines: unknown[] = [];
  const { ok } = await requestLines(
    '/x',
    {},
    (line) => lines.push(line),
    new AbortController().signal,
  );
  return { lines, ok };
}

afterEach(() => vi.unstubAllGlobals());

describe('requestLines', () => {
  const text = '{"a":1}\n{"b":"é"}\n';
  it('tells each line, however the network cuts the answer', async () => {
    for (let cut = 0; cut <= text.length; cut += 1) {
      answers([text.slice(0, cut), text.slice(cut)]);
      expect(await told()).toEqual({ lines: [{ a: 1 }, { b: 'é' }], ok: true });
    }
  });
  it('does not tell a line that was cut off', async () => {
    answers(['{"a":1}\n{"b":']);
    expect((await told()).lines).toEqual([{ a: 1 }]);
  });
  it('has an error for an answer', async () => {
    answers(['{"error":{"kind":"busy","message":"another is under way","place":""}}'], 503);
    expect(await told()).toEqual({ lines: [], ok: false });
  });
});
