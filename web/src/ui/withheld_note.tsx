// That parts may be withheld even from whoever has the patient in their care, and the way to them in an
// emergency. What is withheld nobody can say here: it looks as if it were not there.
import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { emergenciesNow } from '../access/relations';
import type { Me } from '../api/access_shapes';
import { now } from '../state/watch';
import { t } from '../words';
import { Dialog } from './dialog';
import { GlassForm } from './glass_form';

export function WithheldNote({ patient, me }: { patient: string; me: Me }) {
  const opening = useSignal(false);
  const label = useId();
  const isOpen = emergenciesNow(me.relations, now.value).some((one) => one.patient === patient);
  if (!me.emergency || isOpen) return null;
  return (
    <section class="relations" aria-label={t('glass.title')}>
      <p class="quiet">{t('withheld.perhaps')}</p>
      <p>
        <button onClick={() => (opening.value = true)}>{t('withheld.open')}</button>
      </p>
      {opening.value && (
        <Dialog title={t('glass.title')} onClose={() => (opening.value = false)}>
          <h3 id={label} class="only-heard">
            {t('glass.title')}
          </h3>
          <GlassForm id={patient} label={label} onOpened={() => (opening.value = false)}>
            <button type="button" onClick={() => (opening.value = false)}>
              {t('app.cancel')}
            </button>
          </GlassForm>
        </Dialog>
      )}
    </section>
  );
}
