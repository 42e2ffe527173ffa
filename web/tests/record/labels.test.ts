import { describe, expect, it } from 'vitest';
import table from '../../../data/sensitive-labels.tsv?raw';
import { objectOf, readJson } from '../../src/record/json';
import { labelsOf, sensitiveCodes, systemOfLabel } from '../../src/record/labels';
import { labelText } from '../../src/ui/consent_words';
import { en } from '../../src/words/en';

const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const labels = (security: unknown) => {
  const resource = objectOf(readJson(JSON.stringify({ meta: { security } })));
  if (!resource) throw new Error('no object');
  return labelsOf(resource);
};

describe('security labels', () => {
  it('are those of the table that the server decides by', () => {
    const rows = table.split('\n').filter((line) => line.startsWith('http'));
    const inTable = rows.map((row) => row.split('\t').slice(0, 2).join(' '));
    const ours = sensitiveCodes.map((code) => `${systemOfLabel(code)} ${code}`);
    expect(ours.toSorted()).toEqual(inTable.toSorted());
  });

  it('have words, and their display or code where they have none', () => {
    for (const code of sensitiveCodes) expect(en).toHaveProperty([`label.${code}`]);
    const text = (label: object) => labels([label]).map(labelText);
    expect(text({ system: confidentiality, code: 'R', display: 'Other' })).toEqual(['restricted']);
    expect(text({ system: 'urn:x', code: 'R', display: 'Ours' })).toEqual(['Ours']);
    expect(text({ system: 'urn:x', code: 'R' })).toEqual(['R']);
  });

  it('of what is as confidential as anything are none', () => {
    expect(labels([{ system: confidentiality, code: 'N' }])).toEqual([]);
    expect(labels(undefined)).toEqual([]);
  });

  it('are few, and none where they are nonsense', () => {
    expect(labels(['HIV', null, 5, {}, { code: 7 }, []])).toEqual([]);
    expect(labels(Array(100).fill({ code: 'X' }))).toHaveLength(8);
  });
});
