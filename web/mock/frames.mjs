// Waveform frames of docs/reference/live-stream.md, written.

const missing = -0x8000;

/** blocks: {index, startMs, periodMs, scale, offset, values (null: no sample), flags} */
export function encodeWaveformFrame(blocks) {
  const sizes = blocks.map((block) => 48 + Math.ceil((2 * block.values.length) / 8) * 8);
  const bytes = Buffer.alloc(8 + sizes.reduce((sum, size) => sum + size, 0));
  bytes.writeUInt8(1, 0);
  bytes.writeUInt8(1, 1);
  bytes.writeUInt16LE(blocks.length, 2);
  let at = 8;
  blocks.forEach((block, i) => {
    bytes.writeUInt32LE(block.index, at);
    bytes.writeUInt8(2, at + 4);
    bytes.writeUInt8(block.flags ?? 0, at + 5);
    bytes.writeUInt32LE(block.values.length, at + 8);
    bytes.writeDoubleLE(block.startMs, at + 16);
    bytes.writeDoubleLE(block.periodMs, at + 24);
    bytes.writeDoubleLE(block.scale, at + 32);
    bytes.writeDoubleLE(block.offset, at + 40);
    block.values.forEach((value, n) => {
      const raw = value === null ? missing : Math.round((value - block.offset) / block.scale);
      bytes.writeInt16LE(raw, at + 48 + 2 * n);
    });
    at += sizes[i];
  });
  return bytes;
}
