import { Field } from './form';

/** For a one-time code: figures from an app, or a recovery code. */
export function CodeField({ label, hint }: { label: string; hint?: string }) {
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      <input
        name="code"
        required
        autoFocus
        autocomplete="one-time-code"
        autocapitalize="none"
        spellcheck={false}
      />
    </Field>
  );
}
