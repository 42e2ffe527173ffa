// Several units: those that are chosen, each with a way to take it off, and a field for one more.
import type { Signal } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import { t } from '../words';
import './units_entry.css';

export function UnitsEntry({
  units,
  known,
  hint,
}: {
  units: Signal<readonly string[]>;
  /** Those that are there, to choose from. */
  known: readonly string[];
  hint: string;
}) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const chosen = units.value;
  /** What is typed becomes a unit; twice is once. */
  const take = () => {
    const typed = input.current?.value.trim() ?? '';
    if (!input.current || typed === '') return;
    if (!chosen.includes(typed)) units.value = [...chosen, typed];
    input.current.value = '';
  };
  const drop = (unit: string) => {
    units.value = chosen.filter((one) => one !== unit);
    input.current?.focus();
  };
  return (
    <div class="field units" role="group" aria-labelledby={`${id}-label`}>
      <span id={`${id}-label`} class="units__label">
        {t('accounts.units')}
      </span>
      {chosen.length > 0 && (
        <ul class="units__chosen">
          {chosen.map((unit) => (
            <li key={unit}>
              {unit}
              <button
                type="button"
                class="plain"
                onClick={() => drop(unit)}
                aria-label={t('accounts.unit_off', { unit })}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="units__add">
        <input
          ref={input}
          list={`${id}-known`}
          aria-label={t('accounts.unit_one_more')}
          aria-describedby={`${id}-hint`}
          autocomplete="off"
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            take();
          }}
          onBlur={take}
        />
        <button type="button" onClick={take}>
          {t('accounts.unit_add')}
        </button>
      </div>
      <datalist id={`${id}-known`}>
        {known
          .filter((unit) => !chosen.includes(unit))
          .map((unit) => (
            <option key={unit} value={unit} />
          ))}
      </datalist>
      <small id={`${id}-hint`}>{hint}</small>
    </div>
  );
}
