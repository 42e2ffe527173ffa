// For a message of a device that nobody knows: register it, attach it, read its messages again, in one
// go.
import { useSignal } from '@preact/signals';
import type { Patient } from '../api/shapes';
import type { UnknownDevice } from '../vital/unknown_device';
import { t } from '../words';
import { Field, onSubmit, textOf } from './form';
import { PatientChoice } from './patient_choice';

export interface Registration {
  display: string;
  /** Empty: nobody yet. */
  patient: string;
}

export function RegisterAndReplay({
  device,
  patients,
  onRegister,
}: {
  device: UnknownDevice;
  patients: readonly Patient[];
  onRegister: (registration: Registration) => Promise<void>;
}) {
  const busy = useSignal(false);
  const register = async (form: FormData) => {
    busy.value = true;
    await onRegister({ display: textOf(form, 'display'), patient: textOf(form, 'patient') });
    busy.value = false;
    return false;
  };
  return (
    <form class="fields" onSubmit={onSubmit(register)} aria-labelledby="register-title">
      <h3 id="register-title">{t('quarantine.register_title', { device: device.id })}</h3>
      {device.gateway !== null && (
        <p class="quiet">{t('quarantine.register_through', { gateway: device.gateway })}</p>
      )}
      <Field label={t('devices.display')}>
        <input name="display" autocomplete="off" />
      </Field>
      <Field label={t('devices.column.patient')}>
        <PatientChoice patients={patients} none={t('devices.nobody')} />
      </Field>
      <button class="primary" disabled={busy.value}>
        {t('quarantine.register')}
      </button>
    </form>
  );
}
