// A made-up record of the ward's first patients, with versions, as the FHIR server would send it.
import { consentsOf, labelsOf, practitioner } from './consents.mjs';

const day = 86_400_000;
const iso = (ms) => new Date(ms).toISOString();

const concept = (system, code, display) => ({ coding: [{ system, code, display }], text: display });
const snomed = (code, display) => concept('http://snomed.info/sct', code, display);
const clinical = (name, code) => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${name}-clinical`, code }],
});
const doctor = { reference: 'Practitioner/dr-meyer', display: 'Dr. Meyer' };

function resourcesOf(patient, now) {
  const subject = { reference: `Patient/${patient.fhir_id}`, display: patient.display_name };
  const n = patient.id;
  return [
    {
      resourceType: 'AllergyIntolerance',
      id: `allergy-${n}`,
      clinicalStatus: clinical('allergyintolerance', 'active'),
      criticality: 'high',
      code: snomed('91936005', 'Allergy to penicillin'),
      patient: subject,
      recordedDate: iso(now - 900 * day),
      recorder: doctor,
    },
    {
      resourceType: 'Condition',
      id: `condition-${n}`,
      clinicalStatus: clinical('condition', 'active'),
      code: snomed('233604007', 'Pneumonia'),
      subject,
      onsetDateTime: '2026-11',
      recordedDate: iso(now - 3 * day),
      recorder: doctor,
    },
    {
      resourceType: 'MedicationRequest',
      id: `medication-${n}`,
      status: 'active',
      intent: 'order',
      medicationCodeableConcept: concept(
        'http://www.nlm.nih.gov/research/umls/rxnorm',
        '309090',
        'Ceftriaxone 1 g injection',
      ),
      subject,
      authoredOn: iso(now - 2 * day),
      requester: doctor,
      dosageInstruction: [{ text: '2 g once a day' }],
    },
    {
      resourceType: 'Encounter',
      id: `encounter-${n}`,
      status: 'in-progress',
      class: {
        system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
        code: 'IMP',
        display: 'inpatient encounter',
      },
      subject,
      period: { start: iso(now - 3 * day) },
      serviceProvider: { display: 'ICU 1' },
    },
    {
      resourceType: 'DiagnosticReport',
      id: `report-${n}`,
      status: 'final',
      code: concept('http://loinc.org', '36643-5', 'Chest X-ray, 2 views'),
      subject,
      effectiveDateTime: iso(now - 2 * day),
      performer: [{ display: 'Radiology' }],
      conclusion: 'Infiltrate in the right lower lobe.',
    },
  ];
}

/** Each with a digit that JSON.parse would lose: the mock sends text, as the server does. */
const potassium = (patient, value) =>
  JSON.stringify({
    resourceType: 'Observation',
    id: `potassium-${patient.id}`,
    status: 'final',
    code: concept('http://loinc.org', '2823-3', 'Potassium'),
    subject: { reference: `Patient/${patient.fhir_id}`, display: patient.display_name },
    effectiveDateTime: '2026-11-25T06:30:00Z',
    valueQuantity: { value: 'VALUE', unit: 'mmol/L' },
    text: {
      status: 'generated',
      div: '<div xmlns="http://www.w3.org/1999/xhtml"><b>Potassium</b> in serum</div>',
    },
  }).replace('"VALUE"', value);

const patientOf = ({ fhir_id, display_name, identifier, birth_date, sex }) => ({
  resourceType: 'Patient',
  id: fhir_id,
  active: true,
  identifier: [{ value: identifier }],
  name: [{ text: display_name }],
  gender: sex,
  birthDate: birth_date,
});

/** The text of a version of a resource, with its `meta` where the server puts it. */
function versionOf(text, version, time, security) {
  const meta = { versionId: String(version), lastUpdated: iso(time), security };
  return text.replace(/("id":"[^"]+")/, `$1,"meta":${JSON.stringify(meta)}`);
}

export class MockRecord {
  constructor(patients, now) {
    this.now = now;
    /** "Type/id" → its versions, oldest first; null: deleted. */
    this.kept = new Map();
    for (const patient of patients) {
      this.put(JSON.stringify(patientOf(patient)), now - 4 * day);
      this.put(potassium(patient, '4.10'), now - 2 * day);
    }
    const withRecord = patients.slice(0, 4);
    for (const patient of withRecord)
      for (const resource of resourcesOf(patient, now))
        this.put(JSON.stringify(resource), now - day, labelsOf(patient, resource));
    this.put(JSON.stringify(practitioner), now - 900 * day);
    for (const patient of patients.slice(1, 2))
      for (const consent of consentsOf(patient, now)) this.put(JSON.stringify(consent), now - day);
    const [first] = withRecord;
    if (!first) return;
    const [, condition] = resourcesOf(first, now);
    this.put(
      JSON.stringify({
        ...condition,
        clinicalStatus: clinical('condition', 'resolved'),
        recordedDate: undefined,
        note: [{ text: 'Afebrile since yesterday.' }],
      }),
      now - day / 2,
    );
    this.put(potassium(first, '4.1'), now - day / 4);
  }

  put(text, time, security) {
    const { resourceType, id } = JSON.parse(text);
    const key = `${resourceType}/${id}`;
    const versions = this.kept.get(key) ?? [];
    versions.push({ text: versionOf(text, versions.length + 1, time, security), time });
    this.kept.set(key, versions);
  }

  newest(type) {
    const all = [...this.kept].filter(([key]) => key.startsWith(`${type}/`));
    return all.map(([, versions]) => versions.at(-1)).sort((a, b) => b.time - a.time);
  }
}
