import type { Device } from '../api/shapes';
import { t } from '../words';
import { Dialog } from './dialog';

export function DetachDialog({
  device,
  patient,
  onDetach,
  onClose,
}: {
  device: Device;
  patient: string;
  onDetach: () => void;
  onClose: () => void;
}) {
  return (
    <Dialog title={t('devices.detach_of', { device: device.display, patient })} onClose={onClose}>
      <p>{t('devices.detach_means')}</p>
      <div class="actions">
        <button type="button" onClick={onClose}>
          {t('app.cancel')}
        </button>
        <button class="primary" onClick={onDetach} autoFocus>
          {t('devices.detach_now')}
        </button>
      </div>
    </Dialog>
  );
}
