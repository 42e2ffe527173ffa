import { useSignal } from '@preact/signals';
import type { Device, Patient } from '../api/shapes';
import { t } from '../words';
import { Dialog } from './dialog';
import { Field, onSubmit, Outcome, textOf } from './form';
import { PatientChoice } from './patient_choice';

export function AttachDialog({
  device,
  patients,
  onAttach,
  onClose,
}: {
  device: Device;
  patients: readonly Patient[];
  /** What went wrong, or null. */
  onAttach: (device: Device, patient: string) => Promise<string | null>;
  onClose: () => void;
}) {
  const trouble = useSignal<string | null>(null);
  const attach = async (form: FormData) => {
    trouble.value = await onAttach(device, textOf(form, 'patient'));
    return false;
  };
  return (
    <Dialog title={t('devices.attach_to', { device: device.display })} onClose={onClose}>
      <form class="fields" onSubmit={onSubmit(attach)}>
        <Field label={t('devices.column.patient')}>
          <PatientChoice patients={patients} none={t('devices.choose')} required />
        </Field>
        <Outcome text={trouble.value} />
        <div class="actions">
          <button type="button" onClick={onClose}>
            {t('app.cancel')}
          </button>
          <button class="primary">{t('devices.attach_now')}</button>
        </div>
      </form>
    </Dialog>
  );
}
