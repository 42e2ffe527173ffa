// A dialog of the browser's own: it keeps the focus, and Escape closes it. The live part of the page,
// the banner and any alarm stay to be seen beside it.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { t } from '../words';
import './dialog.css';

export function Dialog({
  title,
  onClose,
  isWide = false,
  children,
}: {
  title: string;
  onClose: () => void;
  /** As wide as the screen: for what lies along time. */
  isWide?: boolean;
  children: ComponentChildren;
}) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      class="dialog"
      data-wide={isWide}
      onClose={onClose}
      aria-labelledby={titleId}
    >
      <header class="dialog__head">
        <h2 id={titleId}>{title}</h2>
        <button class="plain" onClick={onClose}>
          {t('app.close')}
        </button>
      </header>
      {children}
    </dialog>
  );
}
