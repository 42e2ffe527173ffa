// What of the record is sensitive, told by a sign and in words: its security labels (R4 6.1.1.5).
import { labelsOf } from '../record/labels';
import type { JsonObject } from '../record/json';
import { languageInUse, t } from '../words';
import { labelText } from './consent_words';
import './security_labels.css';

/** A closed lock. */
const Lock = () => (
  <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
    <path d="M3.5 5V3.5a2.5 2.5 0 0 1 5 0V5" fill="none" stroke="currentColor" stroke-width="1.4" />
    <rect x="2" y="5" width="8" height="6" rx="1.2" fill="currentColor" />
  </svg>
);

export function SecurityLabels({ of }: { of: JsonObject }) {
  const labels = labelsOf(of);
  if (labels.length === 0) return null;
  const words = labels.map(labelText);
  const listed = new Intl.ListFormat(languageInUse.value, { type: 'unit' }).format(words);
  return (
    <span class="security-labels">
      <Lock />
      {t('labels.label', { labels: listed })}
    </span>
  );
}
