// One of the patients, by bed and name.
import type { Patient } from '../api/shapes';

export function PatientChoice({
  patients,
  none,
  required = false,
  chosen = '',
}: {
  patients: readonly Patient[];
  /** What choosing nobody is called. */
  none: string;
  required?: boolean;
  chosen?: string;
}) {
  return (
    <select name="patient" required={required} autoFocus={required}>
      <option value="">{none}</option>
      {patients.map((patient) => (
        <option key={patient.id} value={patient.id} selected={patient.id === chosen}>
          {[patient.bed, patient.display_name].filter(Boolean).join(' · ')}
        </option>
      ))}
    </select>
  );
}
