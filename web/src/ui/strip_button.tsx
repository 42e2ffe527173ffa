// Opens the strip of what happened.
import { shownStrip, type StripOf } from '../state/strip_shown';
import { te } from '../words/ecg';

export function StripButton({ of, what }: { of: StripOf; what: string }) {
  return (
    <button aria-label={te('strip.open_of', { what })} onClick={() => (shownStrip.value = of)}>
      {te('strip.open')}
    </button>
  );
}
