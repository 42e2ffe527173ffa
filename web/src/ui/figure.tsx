// A figure with its name, among others in a <dl class="figures">.
import type { ComponentChildren } from 'preact';
import './figure.css';

export function Figure({
  name,
  value,
  unit,
}: {
  name: ComponentChildren;
  value: string;
  /** Its unit, or what else there is to say of it. */
  unit?: ComponentChildren;
}) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>
        {value} {unit && <small>{unit}</small>}
      </dd>
    </div>
  );
}
