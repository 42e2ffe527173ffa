// One animation frame for all canvases of a page.

type Draw = (nowMs: number) => void;

const drawers = new Set<Draw>();
let running = false;

function frame(nowMs: number): void {
  for (const draw of drawers) draw(nowMs);
  if (drawers.size > 0) requestAnimationFrame(frame);
  else running = false;
}

/** Calls `draw` every frame with the screen's clock; the answer ends it. */
export function everyFrame(draw: Draw): () => void {
  drawers.add(draw);
  if (!running) {
    running = true;
    requestAnimationFrame(frame);
  }
  return () => drawers.delete(draw);
}
