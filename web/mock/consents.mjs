// Consents of the mock: a few made-up ones, and as much of holding to them as the pages show: a patient who
// is closed to an account as a whole.
const day = 86_400_000;
const iso = (ms) => new Date(ms).toISOString();
const dateOf = (ms) => iso(ms).slice(0, 10);
const terminology = (name) => `http://terminology.hl7.org/CodeSystem/${name}`;
const role = { text: 'who it is about' };
const named = (kind, value) => ({
  role,
  reference: { identifier: { system: `urn:vigil:${kind}`, value } },
});

export const practitioner = {
  resourceType: 'Practitioner',
  id: 'dr-meyer',
  name: [{ prefix: ['Dr'], given: ['Mona'], family: 'Meyer' }],
};

/** The patients whose record has something sensitive in it, by their order in the ward. */
export const labelsOf = (patient, { resourceType }) =>
  patient.id === '2' && resourceType === 'Condition'
    ? [{ system: terminology('v3-ActCode'), code: 'HIV' }]
    : undefined;

/** One of each kind that a page has words for, and one that it has none for. */
export function consentsOf(patient, now) {
  const reference = `Patient/${patient.fhir_id}`;
  const consent = (id, status, daysAgo, provision) => ({
    resourceType: 'Consent',
    id: `${id}-${patient.id}`,
    status,
    scope: { coding: [{ system: terminology('consentscope'), code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference },
    dateTime: iso(now - daysAgo * day),
    policyRule: { text: 'Privacy notice of 2026' },
    provision,
  });
  const sensitive = [{ system: terminology('v3-ActCode'), code: 'HIV' }];
  const research = [{ system: terminology('v3-ActReason'), code: 'HRESCH' }];
  const observations = [{ system: 'http://hl7.org/fhir/resource-types', code: 'Observation' }];
  const meyer = { role, reference: { reference: 'Practitioner/dr-meyer' } };
  return [
    consent('hiv', 'active', 20, {
      type: 'deny',
      securityLabel: sensitive,
      provision: [{ type: 'permit', actor: [meyer, named('unit', patient.unit)] }],
    }),
    consent('research', 'active', 12, {
      type: 'permit',
      period: { end: dateOf(now + 300 * day) },
      purpose: research,
      class: observations,
    }),
    consent('elsewhere', 'active', 3, {
      type: 'deny',
      action: [{ coding: [{ system: terminology('consentaction'), code: 'disclose' }] }],
      provision: [
        { type: 'permit', purpose: [{ system: terminology('v3-ActReason'), code: 'HPAYMT' }] },
      ],
    }),
    consent('odd', 'active', 2, {
      type: 'permit',
      actor: [{ role, reference: { display: 'whoever asks nicely' } }],
    }),
    consent('old', 'active', 500, {
      type: 'deny',
      period: { end: dateOf(now - 100 * day) },
      actor: [named('role', 'nurse')],
    }),
    consent('draft', 'draft', 1, { type: 'deny', actor: [named('account', 'nobody')] }),
  ];
}

/** What the server does not hold to: it refuses it rather than keep it for nothing. */
export function problemWith({ status, provision }) {
  const actors = (rule, path) => [
    ...(rule?.actor ?? []).map((actor, i) => [actor, `${path}.actor[${i}].reference`]),
    ...(rule?.provision ?? []).flatMap((one, i) => actors(one, `${path}.provision[${i}]`)),
  ];
  if (status !== 'active') return null;
  const odd = actors(provision, 'Consent.provision').find(([{ reference }]) =>
    /^(Organization|Group|Device)\//.test(reference?.reference ?? ''),
  );
  return odd && { message: 'an actor of this type is not enforced here', place: odd[1] };
}

function isAbout(account, { reference: { reference, identifier } }) {
  if (reference) return reference === account.fhir_user;
  const { system, value } = identifier ?? {};
  return (
    (system === 'urn:vigil:account' && value === account.username) ||
    (system === 'urn:vigil:role' && value === account.role) ||
    (system === 'urn:vigil:unit' && account.units.includes(value))
  );
}

/** Denies all of everything to whom it names, and lets in whom its exceptions name. */
function closes({ status, provision }, account, now) {
  const { type, actor = [], period, provision: exceptions = [], ...narrowed } = provision ?? {};
  if (status !== 'active' || type !== 'deny' || Object.keys(narrowed).length > 0) return false;
  if (period?.end && Date.parse(period.end) + day <= now) return false;
  const isNamed = actor.length === 0 || actor.some((one) => isAbout(account, one));
  const isExcepted = exceptions.some((one) => one.actor?.some((who) => isAbout(account, who)));
  return isNamed && !isExcepted;
}

/** "Consent/…" that keeps all of a patient from an account; null: none does. */
export function closedBy(record, account, patient, now) {
  for (const { text } of record.newest('Consent')) {
    const consent = JSON.parse(text);
    if (consent.patient.reference !== `Patient/${patient.fhir_id}`) continue;
    if (closes(consent, account, now)) return `Consent/${consent.id}`;
  }
  return null;
}
