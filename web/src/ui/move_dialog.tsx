// A patient comes to another unit or bed, or is called by another name.
import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { changePatient } from '../api/access_calls';
import type { Patient } from '../api/shapes';
import { t } from '../words';
import { Dialog } from './dialog';
import { errorText } from './error_text';
import { Field, onSubmit, Outcome, textOf } from './form';

export function MoveDialog({
  patient,
  units,
  onMoved,
  onClose,
}: {
  patient: Patient;
  /** Those that are known, to choose from. */
  units: readonly string[];
  onMoved: (patient: Patient) => void;
  onClose: () => void;
}) {
  const trouble = useSignal<string | null>(null);
  const list = useId();
  const move = async (form: FormData) => {
    const answer = await changePatient(patient.id, {
      display_name: textOf(form, 'display_name'),
      unit: textOf(form, 'unit') || null,
      bed: textOf(form, 'bed') || null,
    });
    trouble.value = answer.ok ? null : errorText(answer.error);
    if (answer.ok) onMoved(answer.body);
    return false;
  };
  return (
    <Dialog title={t('move.title', { name: patient.display_name })} onClose={onClose}>
      <form class="fields" onSubmit={onSubmit(move)}>
        <Field label={t('patients.unit')} hint={t('move.unit_hint')}>
          <input
            name="unit"
            list={list}
            defaultValue={patient.unit ?? ''}
            autocomplete="off"
            autoFocus
          />
        </Field>
        <datalist id={list}>
          {units.map((unit) => (
            <option key={unit} value={unit} />
          ))}
        </datalist>
        <Field label={t('patients.bed')} hint={t('move.bed_hint')}>
          <input name="bed" defaultValue={patient.bed ?? ''} autocomplete="off" />
        </Field>
        <Field label={t('patients.name')}>
          <input
            name="display_name"
            defaultValue={patient.display_name}
            required
            autocomplete="off"
          />
        </Field>
        <Outcome text={trouble.value} />
        <div class="actions">
          <button type="button" onClick={onClose}>
            {t('app.cancel')}
          </button>
          <button class="primary">{t('move.submit')}</button>
        </div>
      </form>
    </Dialog>
  );
}
