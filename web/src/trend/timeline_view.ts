// Moving along the time axis: pure functions from one view to the next.
import type { TimelineView } from '../state/route';

export const spansS = [60, 600, 3600, 21_600, 86_400, 604_800, 2_592_000, 31_536_000] as const;

const shortestS = 30;
const longestS = 31_622_400;

export interface Extent {
  fromMs: number;
  toMs: number;
}

export function extentOf(view: TimelineView, nowMs: number): Extent {
  const toMs = view.toMs ?? nowMs;
  return { fromMs: toMs - view.spanS * 1000, toMs };
}

/** There is nothing to see after now: a view that would go there follows now instead. */
function settled(spanS: number, toMs: number, nowMs: number): TimelineView {
  return { spanS, toMs: toMs >= nowMs ? null : toMs };
}

/** `share` of the span to the right (later) or, negative, to the left. */
export function moved(view: TimelineView, share: number, nowMs: number): TimelineView {
  const { toMs } = extentOf(view, nowMs);
  return settled(view.spanS, toMs + share * view.spanS * 1000, nowMs);
}

/**
 * `factor` above 1 shows more time. What stands at `anchor` (0: left edge, 1: right edge) stays there;
 * a view that follows now keeps doing so.
 */
export function zoomed(
  view: TimelineView,
  factor: number,
  anchor: number,
  nowMs: number,
): TimelineView {
  const spanS = Math.min(longestS, Math.max(shortestS, view.spanS * factor));
  if (view.toMs === null && anchor > 0.9) return { spanS, toMs: null };
  const { fromMs } = extentOf(view, nowMs);
  const anchorMs = fromMs + anchor * view.spanS * 1000;
  const toMs = anchorMs + (1 - anchor) * spanS * 1000;
  return settled(spanS, toMs, nowMs);
}

/** How often a trend that follows now is worth asking for again. */
export function refreshMs(spanS: number): number {
  return Math.min(60_000, Math.max(2000, (spanS * 1000) / 300));
}
