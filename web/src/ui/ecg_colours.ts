// The colours of paper and ink, as the theme has them: a canvas knows no custom properties.
import type { StripColours } from '../ecg/strip_painter';
import { colourOf } from '../vital/slots';

export function stripColours(element: Element): StripColours {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    fine: token('--paper-fine'),
    bold: token('--paper-bold'),
    ink: token('--n12'),
    quiet: token('--n10'),
    trace: (metric) => token(`--wave-${colourOf(metric)}`),
  };
}
