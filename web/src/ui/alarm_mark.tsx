// The priority of an alarm: by colour, by shape (triangle up, triangle, circle), by text, and by how it flashes.
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Priority } from '../api/alarm_shapes';
import { t } from '../words';

const stars: Record<Priority, string> = { high: '***', medium: '**', low: '*' };

export function AlarmShape({ priority }: { priority: Priority }) {
  return (
    <svg class="alarm-shape" viewBox="0 0 24 24" aria-hidden="true">
      {priority === 'high' && <path d="M12 2.5 23 21.5H1Z" fill="currentColor" />}
      {priority === 'medium' && (
        <path d="M12 5 20.5 20h-17Z" fill="none" stroke="currentColor" stroke-width="3" />
      )}
      {priority === 'low' && (
        <circle cx="12" cy="12" r="8.5" fill="none" stroke="currentColor" stroke-width="3" />
      )}
    </svg>
  );
}

export function AlarmMark({ priority }: { priority: Priority }) {
  return (
    <span class="alarm-mark" data-priority={priority}>
      <AlarmShape priority={priority} />
      <span class="alarm-mark__stars" aria-hidden="true">
        {stars[priority]}
      </span>
      <span class="only-heard">{t(`alarm.${priority}`)}</span>
    </span>
  );
}

export function AlarmCount({ priority, n }: { priority: Priority; n: number }) {
  if (n === 0) return null;
  return (
    <span class="alarm-mark" data-priority={priority}>
      <AlarmShape priority={priority} />
      <span aria-hidden="true">{n}</span>
      <span class="only-heard">{t('alarm.count', { priority: t(`alarm.${priority}`), n })}</span>
    </span>
  );
}

/** What flashes, flashes together: each flash counts from the beginning of the page, not from its own. */
export function useInStep(element: RefObject<HTMLElement | null>, key: string): void {
  useEffect(() => {
    for (const animation of element.current?.getAnimations({ subtree: true }) ?? [])
      animation.startTime = 0;
  }, [element, key]);
}
