// The binary frames of docs/reference/live-stream.md: bytes in, blocks out.
import type { WaveformBlock } from './messages';

const headerBytes = 8;
const blockHeaderBytes = 48;
const missing16 = -0x8000;
const missing32 = -0x80000000;

function readSamples(view: DataView, at: number, width: number, count: number): Float32Array {
  const scale = view.getFloat64(at + 32, true);
  const offset = view.getFloat64(at + 40, true);
  const samples = new Float32Array(count);
  const first = at + blockHeaderBytes;
  for (let i = 0; i < count; i += 1) {
    const raw =
      width === 2 ? view.getInt16(first + 2 * i, true) : view.getInt32(first + 4 * i, true);
    const absent = raw === (width === 2 ? missing16 : missing32);
    samples[i] = absent ? NaN : offset + scale * raw;
  }
  return samples;
}

/**
 * The blocks of a frame. A frame of another version or kind has none; one that is cut short or
 * makes no sense yields the blocks before the fault.
 */
export function decodeWaveformFrame(frame: ArrayBuffer): WaveformBlock[] {
  const view = new DataView(frame);
  if (view.byteLength < headerBytes || view.getUint8(0) !== 1 || view.getUint8(1) !== 1) return [];
  const blocks: WaveformBlock[] = [];
  let at = headerBytes;
  for (let left = view.getUint16(2, true); left > 0; left -= 1) {
    if (at + blockHeaderBytes > view.byteLength) break;
    const width = view.getUint8(at + 4);
    const count = view.getUint32(at + 8, true);
    const periodMs = view.getFloat64(at + 24, true);
    const end = at + blockHeaderBytes + width * count;
    if ((width !== 2 && width !== 4) || end > view.byteLength || !(periodMs > 0)) break;
    blocks.push({
      index: view.getUint32(at, true),
      startMs: view.getFloat64(at + 16, true),
      periodMs,
      discontinuity: (view.getUint8(at + 5) & 1) !== 0,
      replayed: (view.getUint8(at + 5) & 2) !== 0,
      samples: readSamples(view, at, width, count),
    });
    at = Math.ceil(end / 8) * 8;
  }
  return blocks;
}
