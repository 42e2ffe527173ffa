// Where in a rule's text its fault is: the server counts bytes from one.
import type { ApiErrorBody } from '../api/shapes';

export interface RuleFault {
  /** Up to the fault, the character at it (empty at the end), and what follows. */
  before: string;
  at: string;
  after: string;
  /** What is wrong, without the place. */
  why: string;
}

/** The character whose bytes hold the one at `offset`, as an index of the string. */
function indexOfByte(text: string, offset: number): number {
  const encoder = new TextEncoder();
  let bytes = 0;
  let index = 0;
  for (const character of text) {
    bytes += encoder.encode(character).length;
    if (bytes > offset) break;
    index += character.length;
  }
  return index;
}

/** Null: the error is none of the text's. */
export function faultIn(text: string, { message, place }: ApiErrorBody): RuleFault | null {
  const [, count, why] = /^character (\d+): (.*)$/s.exec(message) ?? [];
  if (place !== 'text' || count === undefined || why === undefined) return null;
  const index = indexOfByte(text, Number(count) - 1);
  const [at = ''] = text.slice(index);
  return { before: text.slice(0, index), at, after: text.slice(index + at.length), why };
}

/** Where each span lies between the edges, as shares of the whole. */
export function placedSpans(
  spans: readonly { from: string; to: string }[],
  fromMs: number,
  toMs: number,
): { at: number; share: number }[] {
  const whole = toMs - fromMs;
  return spans.map(({ from, to }) => {
    const begin = Math.max(Date.parse(from), fromMs);
    const end = Math.min(Date.parse(to), toMs);
    return { at: (begin - fromMs) / whole, share: Math.max(0, end - begin) / whole };
  });
}
