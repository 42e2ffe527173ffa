// What fhir_clients_test.py asks of fhirclient, the SMART on FHIR client: told on standard input, answers on
// standard output. It has a token already, as from a launch.
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';

const smart = createRequire(new URL('../../web/node_modules/', import.meta.url))('fhirclient');
const told = JSON.parse(await text(process.stdin));
const open = (patient) =>
  smart({ headers: {}, url: '/' }, {}).client({
    serverUrl: told.url,
    tokenResponse: { access_token: told.token, patient },
  });
const answer = {};

const somebody = await open().create({
  resourceType: 'Patient',
  name: [{ family: 'Smart', given: ['Ida'] }],
  birthDate: '1957-02-03',
});
const client = open(somebody.id);
answer.release = await client.getFhirRelease();
answer.version = await client.getFhirVersion();
answer.patient = (await client.patient.read()).name[0].family;

const subject = { reference: `Patient/${somebody.id}` };
const pulse = { coding: [{ system: 'http://loinc.org', code: '8867-4' }] };
const encounter = await client.create({
  resourceType: 'Encounter',
  status: 'in-progress',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
  subject,
});
for (const value of [61, 62, 63, 64, 65])
  await client.create({
    resourceType: 'Observation',
    status: 'final',
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' },
        ],
      },
    ],
    code: pulse,
    subject,
    encounter: { reference: `Encounter/${encounter.id}` },
    effectiveDateTime: `2026-01-01T00:00:${value}Z`.replace(':6', ':0'),
    valueQuantity: { value, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
  });

// Every page, and what is referred to put in its place.
const observations = await client.patient.request('Observation?code=8867-4&_count=2&_sort=date', {
  pageLimit: 0,
  flat: true,
  resolveReferences: ['subject', 'encounter'],
});
answer.values = observations.map((one) => one.valueQuantity.value);
answer.resolved = [observations[4].subject.birthDate, observations[4].encounter.status];
answer.byCode = client.byCode(observations, 'code')['8867-4'].length;

await client.update({ ...encounter, status: 'finished' });
answer.updated = (await client.request(`Encounter/${encounter.id}`)).status;
await client.delete(`Encounter/${encounter.id}`);
answer.gone = await client.request(`Encounter/${encounter.id}`).then(
  () => 'there',
  (error) => error.statusCode ?? error.status ?? String(error),
);
console.log(JSON.stringify(answer));
