// A field beside which stands what is wrong with it.
import { cloneElement, type VNode } from 'preact';
import { useId } from 'preact/hooks';

/** What a server, or the page itself, has against a form: at which field; none: at the whole. */
export interface Trouble {
  field: string | null;
  text: string;
}

/** "redirect_uris[1]" and "/redirect_uris/1" are of the field that is called redirect_uris. */
export function fieldOf(place: string, fields: readonly string[]): string | null {
  const name = /^\/?([A-Za-z_]+)/.exec(place)?.[1] ?? '';
  return fields.includes(name) ? name : null;
}

export function CheckedField({
  name,
  label,
  hint,
  trouble,
  children,
}: {
  name: string;
  label: string;
  hint?: string;
  trouble: Trouble | null;
  children: VNode<{ name?: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean }>;
}) {
  const id = useId();
  const wrong = trouble?.field === name ? trouble.text : null;
  const described = [hint && `${id}-hint`, wrong !== null && `${id}-wrong`].filter(Boolean);
  return (
    <div class="field">
      <label>
        <span>{label}</span>
        {cloneElement(children, {
          name,
          ...(described.length > 0 ? { 'aria-describedby': described.join(' ') } : {}),
          ...(wrong !== null ? { 'aria-invalid': true } : {}),
        })}
      </label>
      {hint && <small id={`${id}-hint`}>{hint}</small>}
      {wrong !== null && (
        <p id={`${id}-wrong`} class="notice">
          {wrong}
        </p>
      )}
    </div>
  );
}
