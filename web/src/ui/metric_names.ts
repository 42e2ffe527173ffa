// What a metric is called on a screen: the ward's short name, or the catalogue's where there is none.
import { t, tOr } from '../words';

const augmented: Record<string, string> = { avr: 'aVR', avl: 'aVL', avf: 'aVF' };

/** "ECG V1", "ST aVL": the leads of an electrocardiogram are named alike everywhere. */
function leadName(metric: string): string | null {
  const [, of, lead] = /^(ecg|st)_(i{1,3}|av[rlf]|v\d?)$/.exec(metric) ?? [];
  if (of === undefined || lead === undefined) return null;
  return t(of === 'ecg' ? 'wave.ecg_lead' : 'vital.st_lead', {
    lead: augmented[lead] ?? lead.toUpperCase(),
  });
}

/** A pressure goes by where it is measured, whichever of its parts is meant. */
export function vitalName(metric: string, display: string): string {
  const stem = metric.replace(/_(sys|dia|mean)$/, '');
  return leadName(metric) ?? tOr(`vital.${metric}`, tOr(`vital.${stem}`, display));
}

export function waveName(metric: string, display: string): string {
  return leadName(metric) ?? tOr(`wave.${metric}`, display);
}
