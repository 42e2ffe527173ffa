// Whether what is on the screen has been there for long enough to be seen: a press that was meant for
// what lay there before, such as the second of a double click on another window, is not taken.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

const settleMs = 700;

/** False while the page is hidden, and for a moment after it, or the window, comes up. */
export function useSettled(): boolean {
  const settled = useSignal(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const begin = () => {
      clearTimeout(timer);
      settled.value = false;
      if (!document.hidden) timer = setTimeout(() => (settled.value = true), settleMs);
    };
    begin();
    addEventListener('focus', begin);
    document.addEventListener('visibilitychange', begin);
    return () => {
      clearTimeout(timer);
      removeEventListener('focus', begin);
      document.removeEventListener('visibilitychange', begin);
    };
  }, [settled]);
  return settled.value;
}
