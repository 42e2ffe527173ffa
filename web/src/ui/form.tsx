// The pieces that forms are made of.
import { cloneElement, type TargetedSubmitEvent, type VNode } from 'preact';
import { useId } from 'preact/hooks';

export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}

/** Calls `act` with what the form holds, and empties it if that went well. */
export function onSubmit(
  act: (form: FormData) => Promise<boolean>,
): (event: TargetedSubmitEvent<HTMLFormElement>) => void {
  return (event) => {
    event.preventDefault();
    const element = event.currentTarget;
    void act(new FormData(element)).then((done) => {
      if (done) element.reset();
    });
  };
}

export function Field({
  label,
  hint,
  children,
}: {
  label: string;
  hint?: string;
  children: VNode<{ 'aria-describedby'?: string }>;
}) {
  const hintId = useId();
  return (
    <div class="field">
      <label>
        <span>{label}</span>
        {hint ? cloneElement(children, { 'aria-describedby': hintId }) : children}
      </label>
      {hint && <small id={hintId}>{hint}</small>}
    </div>
  );
}

/** What came of the last action: read out when it appears. */
export function Outcome({ text }: { text: string | null }) {
  return (
    <div role="status" class="outcome">
      {text && <p class="notice">{text}</p>}
    </div>
  );
}
