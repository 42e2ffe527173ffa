// Wheel, pinch and drag over the charts of a timeline.
import type { ReadonlySignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { TimelineView } from '../state/route';
import { extentOf, moved, zoomed } from '../trend/timeline_view';

/** One notch of a mouse wheel is about 100 pixels: it zooms by a fifth. */
const zoomPerPixel = 0.002;

export function useGestures(
  area: RefObject<HTMLElement | null>,
  axisWidth: number,
  view: TimelineView,
  now: ReadonlySignal<number>,
  onView: (view: TimelineView) => void,
): void {
  const latest = useRef({ view, onView });
  latest.current = { view, onView };
  useEffect(() => {
    const element = area.current;
    if (!element) return undefined;
    const fingers = new Map<number, number>();
    const plot = () => {
      const box = element.querySelector('.trend__chart')?.getBoundingClientRect();
      const left = (box?.left ?? 0) + axisWidth;
      return { left, width: Math.max(1, (box?.right ?? 1) - left) };
    };
    const anchor = (x: number) => {
      const { left, width } = plot();
      return Math.min(1, Math.max(0, (x - left) / width));
    };
    const show = (next: TimelineView) => latest.current.onView(next);

    const wheeled = (event: WheelEvent) => {
      if (!(event.target instanceof Element) || !event.target.closest('.trend__chart')) return;
      event.preventDefault();
      const { view: at } = latest.current;
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY))
        show(moved(at, event.deltaX / plot().width, now.peek()));
      else {
        const factor = Math.exp(event.deltaY * zoomPerPixel);
        show(zoomed(at, factor, anchor(event.clientX), now.peek()));
      }
    };
    const pressed = (event: PointerEvent) => {
      if (event.target instanceof Element && event.target.closest('.trend__chart'))
        fingers.set(event.pointerId, event.clientX);
    };
    const dragged = (event: PointerEvent) => {
      const before = fingers.get(event.pointerId);
      if (before === undefined) return;
      const { view: at } = latest.current;
      const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
      if (other === undefined) {
        const { fromMs, toMs } = extentOf(at, now.peek());
        const share = (before - event.clientX) / plot().width;
        if (toMs > fromMs && Math.abs(share) > 0) show(moved(at, share, now.peek()));
      } else {
        const apart = Math.max(10, Math.abs(event.clientX - other));
        const factor = Math.max(10, Math.abs(before - other)) / apart;
        show(zoomed(at, factor, anchor((event.clientX + other) / 2), now.peek()));
      }
      fingers.set(event.pointerId, event.clientX);
    };
    const released = (event: PointerEvent) => fingers.delete(event.pointerId);

    element.addEventListener('wheel', wheeled, { passive: false });
    element.addEventListener('pointerdown', pressed);
    addEventListener('pointermove', dragged);
    addEventListener('pointerup', released);
    addEventListener('pointercancel', released);
    return () => {
      element.removeEventListener('wheel', wheeled);
      element.removeEventListener('pointerdown', pressed);
      removeEventListener('pointermove', dragged);
      removeEventListener('pointerup', released);
      removeEventListener('pointercancel', released);
    };
  }, [area, axisWidth, now]);
}
