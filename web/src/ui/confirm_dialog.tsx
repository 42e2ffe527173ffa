// Asks once more, where what is done takes something from somebody.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { t } from '../words';
import { Dialog } from './dialog';
import { Outcome } from './form';

export function ConfirmDialog({
  title,
  act,
  onConfirm,
  onClose,
  children,
}: {
  title: string;
  /** What the button that does it says. */
  act: string;
  /** What went wrong, or null. */
  onConfirm: () => Promise<string | null>;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const trouble = useSignal<string | null>(null);
  const working = useSignal(false);
  const confirm = async () => {
    working.value = true;
    trouble.value = await onConfirm();
    working.value = false;
  };
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <Outcome text={trouble.value} />
      <div class="actions">
        <button onClick={onClose}>{t('app.cancel')}</button>
        <button class="primary" autoFocus disabled={working.value} onClick={() => void confirm()}>
          {act}
        </button>
      </div>
    </Dialog>
  );
}
