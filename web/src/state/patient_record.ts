// The part of a patient's record that stands beside the vital signs.
import { searchRecord } from '../api/calls';
import type { Answer } from '../api/http';
import type { ApiErrorBody } from '../api/shapes';
import { readFound } from '../record/bundle';
import type { JsonObject } from '../record/json';
import { dateOf } from '../record/summary';

/** Of each part the resource types, and by what the newest of them come first (R4 search). */
const parts = {
  allergies: [['AllergyIntolerance', '-date']],
  conditions: [['Condition', '-recorded-date']],
  medications: [
    ['MedicationRequest', '-authoredon'],
    ['MedicationStatement', '-effective'],
  ],
  encounters: [['Encounter', '-date']],
  documents: [
    ['DiagnosticReport', '-date'],
    ['DocumentReference', '-date'],
  ],
} as const;

export type PartName = keyof typeof parts;

export interface RecordPart {
  name: PartName;
  types: string[];
  found: { resources: JsonObject[]; more: boolean } | { error: ApiErrorBody };
}

/** As many of a type as are shown here; the record browser has the rest. */
const shownMax = 6;

const newestFirst = (a: JsonObject, b: JsonObject) =>
  (Date.parse(dateOf(b) ?? '') || 0) - (Date.parse(dateOf(a) ?? '') || 0);

async function readPart(name: PartName, patient: string, signal: AbortSignal): Promise<RecordPart> {
  const asked = parts[name];
  const answers = await Promise.all(
    asked.map(([type, sort]) => {
      const search = new URLSearchParams({ patient, _sort: sort, _count: String(shownMax) });
      return searchRecord(type, search.toString(), signal);
    }),
  );
  const types = asked.map(([type]) => type);
  const resources: JsonObject[] = [];
  let more = false;
  for (const answer of answers) {
    // A part that is not whole must not look it.
    if (!answer.ok) return { name, types, found: { error: answer.error } };
    const found = readFound(answer.body.json);
    resources.push(...found.resources);
    more ||= found.next !== null;
  }
  return { name, types, found: { resources: resources.sort(newestFirst), more } };
}

export interface PatientRecord {
  parts: RecordPart[];
  readAt: number;
}

/** Each part says itself what became of it. */
export async function readPatientRecord(
  patient: string,
  signal: AbortSignal,
): Promise<Answer<PatientRecord>> {
  const names = Object.keys(parts) as PartName[];
  const read = await Promise.all(names.map((name) => readPart(name, patient, signal)));
  return { ok: true, body: { parts: read, readAt: Date.now() } };
}
