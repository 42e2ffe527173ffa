import { describe, expect, it } from 'vitest';
import { PlayDelay } from '../../src/wave/play_delay';

describe('PlayDelay', () => {
  it('is unknown until a live block has come', () => {
    expect(new PlayDelay().ms).toBeNull();
  });

  it('covers the latest of the blocks', () => {
    const delay = new PlayDelay();
    delay.arrived(0, 300);
    delay.arrived(250, 900);
    expect(delay.ms).toBeGreaterThanOrEqual(650);
  });

  it('covers a device clock that runs ahead of ours', () => {
    const delay = new PlayDelay();
    delay.arrived(30_000, 300);
    expect(delay.ms).toBeLessThan(0);
  });

  it('forgets one late block after a while, and a small one never moves the trace', () => {
    const delay = new PlayDelay();
    delay.arrived(0, 3000);
    for (let i = 1; i < 30; i += 1) delay.arrived(i * 250, i * 250 + 300);
    expect(delay.ms).toBeLessThan(500);
    const settled = delay.ms;
    for (let i = 30; i < 60; i += 1) delay.arrived(i * 250, i * 250 + 250);
    expect(delay.ms).toBe(settled);
  });
});
