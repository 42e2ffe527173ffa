import { beforeEach, describe, expect, it } from 'vitest';
import { consentOf, personOf, shutsOutCare, type Wish } from '../../src/record/consent_wish';
import { actorKey, readConsent, type Actor } from '../../src/record/consents';
import { objectOf, readJson } from '../../src/record/json';
import { sentencesOf } from '../../src/ui/consent_words';
import { speak } from '../../src/words';

const nia: Actor = { kind: 'account', value: 'nia', display: 'Nia Nurse' };
const icu: Actor = { kind: 'unit', value: 'ICU 1', display: null };
const nurses: Actor = { kind: 'role', value: 'nurse', display: null };
const around = {
  patient: '7',
  isOwn: true,
  policy: 'Notice of 2026',
  time: '2026-11-27T12:00:00.000Z',
  until: '',
};

function reads(wish: Wish, until = ''): string {
  const text = JSON.stringify(consentOf(wish, { ...around, until }));
  const resource = objectOf(readJson(text));
  if (!resource) throw new Error('no object');
  const [sentence] = sentencesOf(readConsent(resource), new Map([[actorKey(nia), 'Nia Nurse']]));
  return sentence?.text ?? '';
}

beforeEach(() => speak('en-GB'));

describe('a wish', () => {
  it('becomes a Consent as R4 has it: who, when, under what, and the rule', () => {
    expect(consentOf({ kind: 'only', to: [nia] }, around)).toEqual({
      resourceType: 'Consent',
      status: 'active',
      scope: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' },
        ],
      },
      category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
      patient: { reference: 'Patient/7' },
      dateTime: '2026-11-27T12:00:00.000Z',
      performer: [{ reference: 'Patient/7' }],
      policyRule: { text: 'Notice of 2026' },
      provision: {
        type: 'deny',
        provision: [
          {
            type: 'permit',
            actor: [
              {
                role: {
                  coding: [
                    {
                      system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
                      code: 'IRCP',
                    },
                  ],
                },
                reference: {
                  identifier: { system: 'urn:vigil:account', value: 'nia' },
                  display: 'Nia Nurse',
                },
              },
            ],
          },
        ],
      },
    });
  });

  it('names no performer where somebody else writes it', () => {
    expect(consentOf({ kind: 'within' }, { ...around, isOwn: false })).not.toHaveProperty(
      'performer',
    );
  });

  it.each<[Wish, string]>([
    [{ kind: 'keep', from: [nia], what: { of: 'everything' } }, 'Nia Nurse may not see anything.'],
    [
      { kind: 'keep', from: [nurses, icu], what: { of: 'label', code: 'V' } },
      'Nurses and the staff of ICU 1 may not see data labelled “very restricted”.',
    ],
    [
      {
        kind: 'keep',
        from: [personOf('Practitioner/12')],
        what: { of: 'kind', type: 'Condition' },
      },
      'Practitioner/12 may not see data of the kind “Conditions and diagnoses”.',
    ],
    [
      { kind: 'only', to: [nia, icu] },
      'Nobody may see anything, except Nia Nurse and the staff of ICU 1.',
    ],
    [{ kind: 'show', to: [nia], code: 'HIV' }, 'Nia Nurse may see data labelled “HIV”.'],
    [
      { kind: 'research', allowed: true, what: { of: 'everything' } },
      'Whoever has access by their role may see everything for research.',
    ],
    [
      { kind: 'research', allowed: false, what: { of: 'kind', type: 'Observation' } },
      'Nobody may see anything for research.',
    ],
    [{ kind: 'within' }, 'Nobody may pass anything on to other systems.'],
  ])('%j reads as it was meant', (wish, text) => {
    expect(reads(wish)).toBe(text);
  });

  it('ends on the day that is named', () => {
    expect(reads({ kind: 'within' }, '2027-01-31')).toBe(
      'Nobody may pass anything on to other systems, until 31 Jan 2027.',
    );
  });
});

describe('a person', () => {
  it('is a user name, or somebody of the record', () => {
    expect(personOf('RelatedPerson/7').kind).toBe('reference');
    expect(personOf('nia').kind).toBe('account');
    expect(personOf('Organization/7').kind).toBe('account');
  });
});

describe('a wish that shuts out whoever cares', () => {
  const shuts = (wish: Wish) => shutsOutCare(wish, 'ICU 1', ['nia']);
  const everything = { of: 'everything' } as const;

  it('is told', () => {
    expect(shuts({ kind: 'only', to: [nia] })).toBe(true);
    for (const one of [nia, icu, nurses])
      expect(shuts({ kind: 'keep', from: [one], what: everything })).toBe(true);
    const vitals = { of: 'kind', type: 'Observation' } as const;
    expect(shuts({ kind: 'keep', from: [icu], what: vitals })).toBe(true);
  });

  it('is not suspected in others', () => {
    const elsewhere = { ...icu, value: 'ICU 2' };
    expect(shuts({ kind: 'only', to: [nia, icu] })).toBe(false);
    expect(shuts({ kind: 'keep', from: [elsewhere], what: everything })).toBe(false);
    expect(shuts({ kind: 'keep', from: [nia], what: { of: 'label', code: 'HIV' } })).toBe(false);
    expect(shuts({ kind: 'show', to: [nia], code: 'HIV' })).toBe(false);
    expect(shuts({ kind: 'within' })).toBe(false);
  });
});
