// What other limits would have done: docs/reference/alarms-api.md.
import { requestLines } from './http';
import type { WhatIfLine, WhatIfQuestion } from './what_if_shapes';

/** `onLine` has a patient each as they are worked out, then all of it. Nothing is changed by it. */
export const askWhatIf = (
  question: WhatIfQuestion,
  onLine: (line: WhatIfLine) => void,
  signal: AbortSignal,
) => requestLines('/api/alarms/what-if', question, (line) => onLine(line as WhatIfLine), signal);
