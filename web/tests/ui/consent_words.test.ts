import { beforeEach, describe, expect, it } from 'vitest';
import { actorKey, readConsent } from '../../src/record/consents';
import { objectOf, readJson } from '../../src/record/json';
import { sentencesOf, type Sentence } from '../../src/ui/consent_words';
import { speak } from '../../src/words';

const actor = (reference: object) => ({ role: { text: 'x' }, reference });
const named = (kind: string, value: string) =>
  actor({ identifier: { system: `urn:vigil:${kind}`, value } });
const okafor = actor({ reference: 'Practitioner/okafor', display: 'Mallory' });
const names = new Map([
  [actorKey({ kind: 'reference', value: 'Practitioner/okafor' }), 'Dr Okafor'],
  [actorKey({ kind: 'account', value: 'nia' }), 'Nia Nurse'],
]);
const hiv = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' };
const v = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' };
const coded = (system: string, code: string) => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }],
});
const purpose = (code: string) => coded('v3-ActReason', code).coding[0];
const kind = (code: string) => ({ system: 'http://hl7.org/fhir/resource-types', code });

function said(provision: unknown, more: object = {}): Sentence[] {
  const resource = objectOf(readJson(JSON.stringify({ status: 'active', provision, ...more })));
  if (!resource) throw new Error('no object');
  return sentencesOf(readConsent(resource), names);
}
/** Where it is one sentence, and all of it. */
function one(provision: unknown, more: object = {}): string | null {
  const [sentence, ...others] = said(provision, more);
  expect(others).toEqual([]);
  expect(sentence?.exceptions).toEqual([]);
  return sentence?.text ?? null;
}

beforeEach(() => speak('en-GB'));

describe('a Consent in words', () => {
  it.each([
    [{ type: 'deny' }, 'Nobody may see anything.'],
    [
      { type: 'deny', provision: [{ type: 'permit', actor: [okafor] }] },
      'Nobody may see anything, except Dr Okafor.',
    ],
    [
      { type: 'deny', actor: [named('account', 'nia'), named('unit', 'ICU 1')] },
      'Nia Nurse and the staff of ICU 1 may not see anything.',
    ],
    [
      { type: 'deny', actor: [named('role', 'nurse')], securityLabel: [hiv, v] },
      'Nurses may not see data labelled “HIV” or “very restricted”.',
    ],
    [
      { type: 'permit', actor: [named('account', 'ben')], securityLabel: [hiv] },
      'Ben may see data labelled “HIV”.',
    ],
    [
      { type: 'permit', purpose: [purpose('HRESCH')], class: [kind('Observation')] },
      'Whoever has access by their role may see data of the kind “Vital signs and other observations” for research.',
    ],
    [
      { type: 'deny', action: [coded('consentaction', 'disclose')], period: { end: '2027-01-31' } },
      'Nobody may pass anything on to other systems, until 31 Jan 2027.',
    ],
    [
      { type: 'deny', action: [coded('consentaction', 'access'), coded('consentaction', 'use')] },
      'Nobody may see anything or use anything.',
    ],
    [
      {
        type: 'deny',
        code: [{ coding: [{ system: 'http://loinc.org', code: '8867-4', display: 'Heart rate' }] }],
        dataPeriod: { start: '2020', end: '2021-02' },
      },
      'Nobody may see data coded “Heart rate” of the time from 2020 to February 2021.',
    ],
    [
      {
        type: 'deny',
        data: [{ meaning: 'dependents', reference: { reference: 'Encounter/5' } }],
      },
      'Nobody may see data (Encounter/5 and what refers to it).',
    ],
    [
      { type: 'deny', actor: [actor({ reference: 'CareTeam/9' })] },
      'The care team may not see anything.',
    ],
  ])('%j', (provision, text) => {
    expect(one(provision)).toBe(text);
  });

  it('takes the name that the page knows before the one that the resource gives', () => {
    expect(one({ type: 'deny', actor: [okafor] })).toBe('Dr Okafor may not see anything.');
    const other = actor({ reference: 'Practitioner/1', display: 'Dr Ito' });
    expect(one({ type: 'deny', actor: [other] })).toBe(
      'Dr Ito (Practitioner/1) may not see anything.',
    );
  });

  it('says codes that have no words here by their display, or as they are', () => {
    const act = { coding: [{ system: 'urn:x', code: 'fold', display: 'Fold' }] };
    const labels = [
      { system: 'urn:x', code: 'HIV', display: 'House' },
      { system: 'urn:x', code: 'Q' },
    ];
    expect(one({ type: 'deny', action: [act], securityLabel: labels })).toBe(
      'Nobody may do “Fold” with data labelled “House” or “Q”.',
    );
  });

  it('puts exceptions that say more below, each about what its rule is about', () => {
    const [sentence] = said({
      type: 'deny',
      securityLabel: [hiv],
      provision: [
        {
          type: 'permit',
          actor: [okafor],
          purpose: [purpose('TREAT')],
          provision: [{ type: 'deny', dataPeriod: { end: '2019' } }],
        },
        { type: 'nonsense' },
      ],
    });
    expect(sentence).toEqual({
      text: 'Nobody may see data labelled “HIV”, except:',
      exceptions: [
        {
          text: 'Dr Okafor may see data labelled “HIV” for treatment, except:',
          exceptions: [
            {
              text: 'Dr Okafor may not see data labelled “HIV” of the time until 2019 for treatment.',
              exceptions: [],
            },
          ],
        },
        { text: null, exceptions: [] },
      ],
    });
  });

  it('about research says so, though only its scope does', () => {
    const scope = coded('consentscope', 'research');
    expect(one({ type: 'deny' }, { scope })).toBe('Nobody may see anything for research.');
  });

  it('puts no words into a text from outside, and lets none into ours', () => {
    const evil = actor({ reference: 'Practitioner/1', display: '{acts}<b>\u202e$&' });
    expect(one({ type: 'deny', actor: [evil] })).toBe(
      '{acts}<b> $& (Practitioner/1) may not see anything.',
    );
    const strange = actor({ identifier: { system: 'urn:vigil:role', value: 'constructor' } });
    expect(one({ type: 'deny', actor: [strange] })).toBe('Constructor may not see anything.');
  });

  it('without rules says nothing', () => {
    expect(said(undefined)).toEqual([]);
  });

  it('is German, with the verb in its number', async () => {
    await speak('de-DE');
    expect(one({ type: 'deny', provision: [{ type: 'permit', actor: [okafor] }] })).toBe(
      'Niemand darf etwas sehen, außer Dr Okafor.',
    );
    expect(one({ type: 'deny', actor: [named('role', 'nurse')], securityLabel: [hiv] })).toBe(
      'Pflegekräfte dürfen Daten mit der Kennzeichnung „HIV“ nicht sehen.',
    );
    expect(one({ type: 'deny', actor: [named('unit', 'ICU 1')] })).toBe(
      'Das Personal von ICU 1 darf nichts sehen.',
    );
    expect(one({ type: 'permit', purpose: [purpose('HRESCH')] })).toBe(
      'Wer durch die eigene Rolle Zugang hat, darf für Forschung alles sehen.',
    );
  });
});
