// The FHIR server of the mock: as much of R4's REST as the app asks for.
import { randomUUID } from 'node:crypto';
import { accountOf } from './api.mjs';
import { problemWith } from './consents.mjs';

const searchable = {
  AllergyIntolerance: ['code:token', 'date:date', 'patient:reference'],
  Condition: ['code:token', 'onset-date:date', 'patient:reference', 'recorded-date:date'],
  Consent: ['date:date', 'patient:reference', 'status:token'],
  Device: ['device-name:string', 'identifier:token'],
  DiagnosticReport: ['code:token', 'date:date', 'patient:reference'],
  DocumentReference: ['date:date', 'patient:reference', 'type:token'],
  Encounter: ['date:date', 'patient:reference', 'status:token'],
  MedicationRequest: ['authoredon:date', 'patient:reference', 'status:token'],
  MedicationStatement: ['effective:date', 'patient:reference', 'status:token'],
  Observation: ['code:token', 'date:date', 'patient:reference', 'value-quantity:quantity'],
  Patient: ['birthdate:date', 'identifier:token', 'name:string'],
  Practitioner: ['identifier:token', 'name:string'],
  RelatedPerson: ['name:string', 'patient:reference'],
};

const metadata = () => ({
  resourceType: 'CapabilityStatement',
  status: 'active',
  kind: 'instance',
  fhirVersion: '4.0.1',
  implementation: { description: 'Vigil', url: 'https://vigil.example/fhir' },
  rest: [
    {
      mode: 'server',
      resource: Object.entries(searchable).map(([type, parameters]) => ({
        type,
        searchParam: ['_id:token', '_lastUpdated:date', ...parameters].map((one) => {
          const [name, kind] = one.split(':');
          return { name, type: kind };
        }),
      })),
    },
  ],
});

class Problem extends Error {
  constructor(status, code, diagnostics, place) {
    super(diagnostics);
    Object.assign(this, { status, code, place });
  }
}

const reference = (resource) => (resource.subject ?? resource.patient)?.reference ?? '';
const idOf = (text) => text.split('/').at(-1);

function matches(resource, name, value) {
  switch (name) {
    case '_id':
      return value.split(',').includes(resource.id);
    case 'patient':
      return idOf(reference(resource)) === idOf(value);
    case 'name':
      return JSON.stringify(resource.name).toLowerCase().includes(value.toLowerCase());
    case 'code':
      return JSON.stringify(resource.code ?? {}).includes(`"${value.split('|').at(-1)}"`);
    default:
      return JSON.stringify(resource).includes(value);
  }
}

function search(record, type, parameters) {
  const known = searchable[type];
  if (!known) throw new Problem(404, 'not-supported', `${type} is no resource type`);
  const names = ['_id', '_lastUpdated', ...known.map((one) => one.split(':')[0])];
  let found = record.newest(type);
  for (const [name, value] of parameters) {
    if (['_sort', '_count', '_cursor'].includes(name)) continue;
    if (!names.includes(name))
      throw new Problem(400, 'not-supported', `${type} has no search parameter ${name}`);
    found = found.filter(({ text }) => matches(JSON.parse(text), name, value));
  }
  const from = Number(parameters.get('_cursor') ?? 0);
  const to = from + Number(parameters.get('_count') ?? 20);
  const link = [];
  if (to < found.length) {
    const next = new URLSearchParams(parameters);
    next.set('_cursor', String(to));
    link.push({ relation: 'next', url: `https://vigil.example/fhir/${type}?${next}` });
  }
  const entries = found
    .slice(from, to)
    .map(({ text }) => `{"resource":${text},"search":{"mode":"match"}}`);
  const entry = entries.length > 0 ? `,"entry":[${entries.join(',')}]` : '';
  return `{"resourceType":"Bundle","type":"searchset","link":${JSON.stringify(link)}${entry}}`;
}

function history(versions, type, id) {
  const entries = versions.map(({ text, time }, i) => {
    const more = {
      request: { method: i === 0 ? 'POST' : 'PUT', url: `${type}/${id}` },
      response: {
        status: i === 0 ? '201' : '200',
        etag: `W/"${i + 1}"`,
        lastModified: new Date(time).toISOString(),
      },
    };
    return `{"resource":${text},${JSON.stringify(more).slice(1)}`;
  });
  return `{"resourceType":"Bundle","type":"history","entry":[${entries.reverse().join(',')}]}`;
}

function read(record, url) {
  const [, , type, id, interaction, version] = url.pathname.split('/').map(decodeURIComponent);
  if (type === 'metadata') return JSON.stringify(metadata());
  if (id === undefined) return search(record, type, url.searchParams);
  const versions = record.kept.get(`${type}/${id}`);
  if (!versions) throw new Problem(404, 'not-found', `there is no ${type}/${id}`);
  if (interaction === undefined) return versions.at(-1).text;
  if (version === undefined) return history(versions, type, id);
  const one = versions[Number(version) - 1];
  if (!one) throw new Problem(404, 'not-found', `${type}/${id} has no version ${version}`);
  return one.text;
}

async function bodyOf(request) {
  let text = '';
  for await (const part of request) text += part;
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, 'structure', 'The body is no JSON.');
  }
}

/** The patient whom it is about, as /api knows them. */
function patientOf({ ward }, resource) {
  const id = idOf(reference(resource));
  const found = ward.patients.find((patient) => patient.fhir_id === id);
  if (!found) throw new Problem(422, 'not-found', 'There is no such patient.');
  return found;
}

/** Consents alone are written here: created, or changed as long as they are what was looked at. */
async function write(state, request, url, session) {
  const { record, access } = state;
  const [, , type, id] = url.pathname.split('/').map(decodeURIComponent);
  const isNew = request.method === 'POST' && id === undefined;
  if (type !== 'Consent' || (!isNew && request.method !== 'PUT'))
    throw new Problem(405, 'not-supported', 'The mock only lets Consents be written.');
  if (request.headers['x-vigil-csrf'] !== session.csrf)
    throw new Problem(403, 'forbidden', 'X-Vigil-CSRF is missing or wrong.');
  const { meta, ...consent } = await bodyOf(request);
  const by = accountOf(state, session);
  if (!access.may(by, 'consents', 'w') || !access.reaches(by, patientOf(state, consent)))
    throw new Problem(403, 'forbidden', 'not allowed in this role');
  const problem = problemWith(consent);
  if (problem) throw new Problem(422, 'not-supported', problem.message, problem.place);
  const versions = record.kept.get(`Consent/${id}`) ?? [];
  const wanted = /"(.+)"/.exec(request.headers['if-match'] ?? '')?.[1];
  if (!isNew && wanted !== undefined && wanted !== String(versions.length))
    throw new Problem(
      412,
      'conflict',
      `Consent/${id} has changed: it is version ${versions.length}`,
    );
  const kept = { ...consent, id: isNew ? randomUUID() : id };
  record.put(JSON.stringify(kept), state.ward.now(), meta?.security);
  access.onReach();
  return [isNew ? 201 : 200, record.kept.get(`Consent/${kept.id}`).at(-1).text];
}

export async function answerFhir(state, request, url, response, session) {
  const headers = { 'Content-Type': 'application/fhir+json', 'Cache-Control': 'no-store' };
  try {
    if (!session && url.pathname !== '/fhir/metadata')
      throw new Problem(401, 'login', 'Sign in first.');
    const [status, body] =
      request.method === 'GET'
        ? [200, read(state.record, url)]
        : await write(state, request, url, session);
    response.writeHead(status, headers).end(body);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { code, message, place } = error;
    const where = place ? { expression: [place] } : {};
    const issue = [{ severity: 'error', code, diagnostics: message, ...where }];
    response
      .writeHead(error.status, headers)
      .end(JSON.stringify({ resourceType: 'OperationOutcome', issue }));
  }
}
