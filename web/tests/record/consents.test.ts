import { describe, expect, it } from 'vitest';
import { actorsOf, hasUnread, readConsent, standing, tame } from '../../src/record/consents';
import { objectOf, readJson } from '../../src/record/json';

const read = (consent: object) => {
  const resource = objectOf(readJson(JSON.stringify(consent)));
  if (!resource) throw new Error('no object');
  return readConsent(resource);
};
const withRule = (provision: unknown) => read({ status: 'active', provision });
const practitioner = { role: { text: 'x' }, reference: { reference: 'Practitioner/12' } };

/** A rule in a rule, so many deep. */
const nested = (depth: number): object => ({
  type: depth % 2 === 0 ? 'permit' : 'deny',
  ...(depth > 0 ? { provision: [nested(depth - 1)] } : {}),
});

describe('a Consent', () => {
  it('says whom each rule is about, wherever in it they are named', () => {
    const nurse = { identifier: { system: 'urn:vigil:role', value: 'nurse' } };
    const consent = withRule({
      type: 'deny',
      actor: [{ role: {}, reference: nurse }],
      provision: [{ type: 'permit', actor: [practitioner] }],
    });
    expect(actorsOf(consent)).toEqual([
      { kind: 'role', value: 'nurse', display: null },
      { kind: 'reference', value: 'Practitioner/12', display: null },
    ]);
    expect(hasUnread(consent)).toBe(false);
  });

  it('without rules has none, and is read all the same', () => {
    const consent = read({ id: 'a', status: 'active', meta: { versionId: '3' } });
    expect(consent).toMatchObject({ id: 'a', version: '3', parts: [], since: null, policy: null });
  });

  it('whose root has no type, as R4 has it, holds the rules in it for as long as the root says', () => {
    const end = '2027-01-31';
    const { parts } = withRule({
      period: { end },
      provision: [{ type: 'deny' }, { type: 'permit' }],
    });
    expect(parts).toMatchObject([
      { type: 'deny', span: { start: null, end } },
      { type: 'permit', span: { start: null, end } },
    ]);
  });

  it.each([
    ['a rule that is no object', 'deny everything'],
    ['a rule of no known type', { type: 'perhaps' }],
    ['an element that is not known here', { type: 'deny', unless: 'Tuesday' }],
    ['a modifier', { type: 'deny', modifierExtension: [{ url: 'x', valueBoolean: false }] }],
    ['an actor without a reference', { type: 'deny', actor: [{ role: { text: 'x' } }] }],
    ['an actor of words alone', { type: 'deny', actor: [{ reference: { display: 'my aunt' } }] }],
    [
      'an identifier of another system',
      { type: 'deny', actor: [{ reference: { identifier: { system: 'urn:x', value: '1' } } }] },
    ],
    ['an actor that is text', { type: 'deny', actor: 'Practitioner/12' }],
    ['a code that is a number', { type: 'deny', class: [{ code: 5 }] }],
    ['an empty concept', { type: 'deny', code: [{}] }],
    [
      'a meaning of data that is not enforced',
      { type: 'deny', data: [{ meaning: 'related', reference: { reference: 'Condition/1' } }] },
    ],
    ['a period that is empty', { type: 'deny', period: {} }],
    ['a period with more to it', { type: 'deny', period: { end: '2027', repeat: 'weekly' } }],
    ['more actors than are taken', { type: 'deny', actor: Array(101).fill(practitioner) }],
    ['a root that is a list', [{ type: 'deny' }]],
  ])('says that it has parts that are not understood: %s', (_, provision) => {
    expect(hasUnread(withRule(provision))).toBe(true);
  });

  it('beside a policy is its exception, or what the policy is about', () => {
    const policyRule = { coding: [{ code: 'OPTIN' }] };
    const rule = { type: 'deny', actor: [practitioner] };
    expect(read({ policyRule, provision: rule }).parts).toMatchObject([
      {
        type: 'permit',
        actors: [],
        exceptions: [{ type: 'deny', actors: [{ kind: 'reference' }] }],
      },
    ]);
    const silent = { purpose: [{ code: 'HRESCH' }] };
    const out = { coding: [{ code: 'OPTOUT' }] };
    expect(read({ policyRule: out, provision: silent }).parts).toMatchObject([
      { type: 'deny', purposes: [{ code: 'HRESCH' }], exceptions: [] },
    ]);
    expect(read({ policyRule: out }).parts).toMatchObject([{ type: 'deny', exceptions: [] }]);
  });

  it('whose root has no type limits the rules in it to what it names', () => {
    const { parts } = withRule({ class: [{ code: 'Condition' }], provision: [{ type: 'deny' }] });
    expect(parts).toMatchObject([{ type: 'deny', kinds: [{ code: 'Condition' }] }]);
  });

  it('about a treatment says nothing of who sees what', () => {
    const scope = { coding: [{ code: 'treatment' }] };
    expect(read({ scope, provision: { type: 'deny' } }).parts).toEqual([]);
  });

  it('with a modifier of its own is not understood at all', () => {
    const consent = read({ modifierExtension: [{ url: 'x' }], provision: { type: 'deny' } });
    expect(consent.parts).toEqual(['unread']);
  });

  it('is read to a depth and a number, and what is beyond is said to be there', () => {
    expect(hasUnread(withRule(nested(4)))).toBe(false);
    expect(hasUnread(withRule(nested(60)))).toBe(true);
    const wide = { type: 'deny', provision: Array(5000).fill({ type: 'permit' }) };
    const consent = withRule(wide);
    expect(hasUnread(consent)).toBe(true);
    const [part] = consent.parts;
    expect(part !== 'unread' && part?.exceptions.length).toBeLessThan(60);
  });
});

describe('a text from outside', () => {
  it('has nothing in it that rules over the text around it, and an end', () => {
    expect(tame('Dr\u202eovil\u0000\nO')).toBe('Dr ovil O');
    expect(tame('x'.repeat(500))).toHaveLength(120);
  });
});

describe('how a Consent stands', () => {
  const nowMs = Date.parse('2026-11-27T12:00:00Z');
  const of = (status: string, period?: object) =>
    standing(read({ status, provision: { type: 'deny', period } }), nowMs);

  it('follows its status', () => {
    expect(of('active')).toBe('now');
    expect(of('draft')).toBe('draft');
    expect(of('proposed')).toBe('draft');
    for (const status of ['inactive', 'rejected', 'entered-in-error', 'new one', ''])
      expect(of(status)).toBe('withdrawn');
  });

  it('holds to the end of the day, month or year that it names', () => {
    expect(of('active', { end: '2026-11-27' })).toBe('now');
    expect(of('active', { end: '2026-11-26' })).toBe('over');
    expect(of('active', { end: '2026-11' })).toBe('now');
    expect(of('active', { end: '2026-10' })).toBe('over');
    expect(of('active', { end: '2026' })).toBe('now');
    expect(of('active', { end: '2025' })).toBe('over');
    expect(of('active', { end: '2026-11-27T11:59:00Z' })).toBe('over');
    expect(of('active', { start: '2026-12-01' })).toBe('later');
  });

  it('ends by no date that is none', () => {
    expect(of('active', { end: 'one day' })).toBe('now');
  });
});
