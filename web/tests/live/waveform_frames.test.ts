import { describe, expect, it } from 'vitest';
import { encodeWaveformFrame } from '../../mock/frames.mjs';
import { decodeWaveformFrame } from '../../src/live/waveform_frames';

/** The example of docs/reference/live-stream.md, byte by byte. */
function frameByHand(width: 2 | 4, samples: number[], flags = 0): ArrayBuffer {
  const body = Math.ceil((48 + width * samples.length) / 8) * 8;
  const frame = new ArrayBuffer(8 + body);
  const view = new DataView(frame);
  view.setUint8(0, 1);
  view.setUint8(1, 1);
  view.setUint16(2, 1, true);
  view.setUint32(8, 7, true);
  view.setUint8(12, width);
  view.setUint8(13, flags);
  view.setUint32(16, samples.length, true);
  view.setFloat64(24, 1_790_000_000_000.25, true);
  view.setFloat64(32, 4, true);
  view.setFloat64(40, 0.5, true);
  view.setFloat64(48, 10, true);
  samples.forEach((sample, i) => {
    if (width === 2) view.setInt16(56 + 2 * i, sample, true);
    else view.setInt32(56 + 4 * i, sample, true);
  });
  return frame;
}

describe('decodeWaveformFrame', () => {
  it.each([2, 4] as const)('reads samples of %i bytes with scale and offset', (width) => {
    const [block] = decodeWaveformFrame(frameByHand(width, [0, 2, -4]));
    expect(block).toMatchObject({ index: 7, startMs: 1_790_000_000_000.25, periodMs: 4 });
    expect([...(block?.samples ?? [])]).toEqual([10, 11, 8]);
  });

  it('reads the lowest number of each width as "no sample"', () => {
    const narrow = decodeWaveformFrame(frameByHand(2, [-0x8000, 0]))[0];
    const wide = decodeWaveformFrame(frameByHand(4, [-0x80000000, -0x8000]))[0];
    expect([...(narrow?.samples ?? [])]).toEqual([NaN, 10]);
    expect(wide?.samples[0]).toBeNaN();
    expect(wide?.samples[1]).toBe(10 - 0x4000);
  });

  it('tells a gap before a block, and a block from the past', () => {
    expect(decodeWaveformFrame(frameByHand(2, [0], 1))[0]).toMatchObject({
      discontinuity: true,
      replayed: false,
    });
    expect(decodeWaveformFrame(frameByHand(2, [0], 2))[0]).toMatchObject({
      discontinuity: false,
      replayed: true,
    });
  });

  it('reads every block of a frame', () => {
    const block = { startMs: 8, periodMs: 4, scale: 1, offset: 0 };
    const bytes = encodeWaveformFrame([
      { ...block, index: 1, values: [1, 2, 3] },
      { ...block, index: 2, values: [null, 5] },
    ]);
    const frame = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    const blocks = decodeWaveformFrame(frame);
    expect(blocks.map(({ index, samples }) => [index, ...samples])).toEqual([
      [1, 1, 2, 3],
      [2, NaN, 5],
    ]);
  });

  it('takes nothing from another version', () => {
    const frame = frameByHand(2, [1]);
    new DataView(frame).setUint8(0, 2);
    expect(decodeWaveformFrame(frame)).toEqual([]);
  });

  it('takes nothing that reaches beyond the frame, wherever it is cut', () => {
    const whole = frameByHand(2, [1, 2, 3, 4]);
    for (let length = 0; length < whole.byteLength; length += 1)
      expect(decodeWaveformFrame(whole.slice(0, length))).toEqual([]);
  });

  it('takes no block whose time stands still', () => {
    const frame = frameByHand(2, [1]);
    new DataView(frame).setFloat64(32, 0, true);
    expect(decodeWaveformFrame(frame)).toEqual([]);
  });
});
