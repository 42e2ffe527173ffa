// Asks for a code of the factor that is set up, before it is changed.
import { useSignal } from '@preact/signals';
import type { ApiErrorBody } from '../api/shapes';
import { t } from '../words';
import { CodeField } from './code_field';
import { Dialog } from './dialog';
import { messageOf } from './error_text';
import { onSubmit, textOf } from './form';

export function CodeDialog({
  onCode,
  onClose,
}: {
  /** What went wrong; null: nothing, and the dialog is over. */
  onCode: (code: string) => Promise<ApiErrorBody | null>;
  onClose: () => void;
}) {
  const trouble = useSignal<ApiErrorBody | null>(null);
  const submit = async (form: FormData) => {
    trouble.value = await onCode(textOf(form, 'code'));
    return true;
  };
  return (
    <Dialog title={t('factor.code_title')} onClose={onClose}>
      <form class="fields" onSubmit={onSubmit(submit)}>
        <CodeField label={t('signin.code')} hint={t('signin.code_hint')} />
        {trouble.value && (
          <p class="notice" role="alert">
            {messageOf(trouble.value)}
          </p>
        )}
        <div class="actions">
          <button class="primary">{t('factor.code_submit')}</button>
        </div>
      </form>
    </Dialog>
  );
}
