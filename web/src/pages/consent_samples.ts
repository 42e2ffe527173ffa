// Made-up Consents for the components page: in force with exceptions, in parts without words, a draft.
import { readConsent, type Consent } from '../record/consents';
import { objectOf, readJson, type Json, type JsonObject } from '../record/json';
import { sensitivity } from '../record/labels';

const resource = (of: object): JsonObject =>
  objectOf(readJson(JSON.stringify(of))) ?? new Map<string, Json>();
const consent = (id: string, status: string, provision: object): Consent =>
  readConsent(resource({ id, status, dateTime: '2026-11-03', provision }));
const hiv = { system: sensitivity, code: 'HIV' };
const unit = { identifier: { system: 'urn:vigil:unit', value: 'ICU 1' } };

export const sampleConsents: Consent[] = [
  consent('in-force', 'active', {
    type: 'deny',
    securityLabel: [hiv],
    provision: [
      { type: 'permit', actor: [{ reference: unit }], period: { end: '2030-12-31' } },
      { type: 'permit', unheard: 'of' },
    ],
  }),
  consent('draft', 'draft', { type: 'deny' }),
];

export const sampleLabelled = resource({ meta: { security: [hiv, { code: 'R' }] } });
