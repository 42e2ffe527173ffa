// What fhir_clients_test.py asks of fhir-kit-client: told on standard input, answers on standard output.
import { text } from 'node:stream/consumers';

const packages = new URL('../../web/node_modules/', import.meta.url);
const { Client } = await import(new URL('fhir-kit-client/dist/index.js', packages).href);
const told = JSON.parse(await text(process.stdin));
const client = new Client({ baseUrl: told.url, bearerToken: told.token });
const answer = {};

const capability = await client.capabilityStatement();
answer.version = capability.fhirVersion;

const created = await client.create({
  resourceType: 'Patient',
  body: { resourceType: 'Patient', name: [{ family: 'Kit', given: ['Ada'] }], birthDate: '1957-02-03' },
});
const { id } = created;
const resourceType = 'Patient';
await client.update({ resourceType, id, body: { ...created, active: true } });
await client.patch({ resourceType, id, jsonPatch: [{ op: 'add', path: '/gender', value: 'female' }] });
const read = await client.read({ resourceType, id });
answer.read = [read.active, read.gender, read.meta.versionId];
answer.first = (await client.vread({ resourceType, id, version: '1' })).active ?? null;
answer.history = (await client.resourceHistory({ resourceType, id })).entry.length;

const reading = (value) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: 'urn:uuid:8f5b5c4e-6a1d-4f43-9d3e-0c7e3b7a0001' },
  effectiveDateTime: '2026-01-01T00:00:00Z',
  valueQuantity: { value, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
});
const transaction = await client.transaction({
  body: {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      {
        fullUrl: 'urn:uuid:8f5b5c4e-6a1d-4f43-9d3e-0c7e3b7a0001',
        resource: { resourceType: 'Patient', name: [{ family: 'Ward' }] },
        request: { method: 'POST', url: 'Patient' },
      },
      ...[61, 62, 63, 64, 65].map((value) => ({
        resource: reading(value),
        request: { method: 'POST', url: 'Observation' },
      })),
    ],
  },
});
answer.transaction = transaction.entry.map((entry) => entry.response.status);

const values = [];
let page = await client.resourceSearch({
  resourceType: 'Observation',
  searchParams: { 'patient.family': 'Ward', code: '8867-4', _count: 2, _sort: '_id' },
});
while (page) {
  values.push(...(page.entry ?? []).map((entry) => entry.resource.valueQuantity.value));
  page = await client.nextPage({ bundle: page });
}
answer.values = values.sort();

const included = await client.resourceSearch({
  resourceType: 'Observation',
  searchParams: { 'patient.family': 'Ward', _include: 'Observation:subject', _count: 1 },
});
answer.included = included.entry.map((entry) => [entry.resource.resourceType, entry.search.mode]);
const reference = included.entry[0].resource.subject.reference;
answer.resolved = (await client.resolve({ reference })).name[0].family;
answer.compartment = (
  await client.compartmentSearch({
    compartment: { resourceType: 'Patient', id: reference.split('/')[1] },
    resourceType: 'Observation',
  })
).entry.length;
answer.everything = (
  await client.operation({ resourceType, id: reference.split('/')[1], name: 'everything', method: 'GET' })
).entry.length;

await client.delete({ resourceType, id });
try {
  await client.read({ resourceType, id });
} catch (error) {
  answer.gone = [error.response.status, error.response.data.issue[0].code];
}
console.log(JSON.stringify(answer));
