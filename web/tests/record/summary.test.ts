import { describe, expect, it } from 'vitest';
import { readFound, readHistory } from '../../src/record/bundle';
import { readJson, type JsonObject } from '../../src/record/json';
import { askedOf, criteriaOf, queryOf, readCapability } from '../../src/record/search_question';
import {
  dateOf,
  patientOf,
  readReference,
  statusOf,
  whoOf,
  wordsOf,
} from '../../src/record/summary';

const read = (text: string) => readJson(text) as JsonObject;

describe('a resource in a line', () => {
  it.each([
    ['{"code":{"text":"Pneumonia"}}', 'Pneumonia'],
    ['{"code":{"coding":[{"code":"8867-4"}]}}', '8867-4'],
    ['{"name":[{"family":"Müller","given":["Anna"]}]}', 'Anna Müller'],
    ['{"name":"ICU 1"}', 'ICU 1'],
    ['{"medicationReference":{"display":"Ceftriaxone"}}', 'Ceftriaxone'],
    ['{"deviceName":[{"name":"Monitor"}]}', 'Monitor'],
    ['{"class":{"code":"IMP","display":"inpatient"}}', 'inpatient'],
    ['{"status":"final"}', null],
  ])('%s is %s', (text, words) => {
    expect(wordsOf(read(text))).toBe(words);
  });

  it('says whose, when, how it stands and who wrote it', () => {
    const condition = read(`{"clinicalStatus":{"coding":[{"code":"active"}]},
      "verificationStatus":{"coding":[{"code":"confirmed"}]},
      "subject":{"reference":"Patient/7","display":"Ada"},"onsetPeriod":{"start":"2026-11"},
      "recorder":{"display":"Dr. Meyer"}}`);
    expect(statusOf(condition)).toEqual(['active', 'confirmed']);
    expect(patientOf(condition)).toEqual({ reference: 'Patient/7', text: 'Ada' });
    expect(dateOf(condition)).toBe('2026-11');
    expect(whoOf(condition)?.text).toBe('Dr. Meyer');
  });
});

describe('a reference', () => {
  const base = 'https://vigil.example/fhir';
  it.each([
    ['Patient/7', { type: 'Patient', id: '7', version: null }],
    ['Patient/7/_history/2', { type: 'Patient', id: '7', version: '2' }],
    [`${base}/Device/m-1`, { type: 'Device', id: 'm-1', version: null }],
    ['https://elsewhere.example/fhir/Patient/7', null],
    ['#contained', null],
    ['urn:uuid:5f0c', null],
    ['Patient/7/x', null],
    ['Patient/../../api', null],
  ])('%s', (reference, target) => {
    expect(readReference(reference, base)).toEqual(target);
  });
});

describe('a searchset', () => {
  it('has resources, what the server says of the question, and a way on', () => {
    const found = readFound(
      readJson(`{"link":[{"relation":"self","url":"x"},{"relation":"next","url":"https://a/fhir/Condition?code=a%2Bb&_cursor=1"}],
        "entry":[{"resource":{"resourceType":"Condition","id":"1"}},
        {"resource":{"resourceType":"OperationOutcome","issue":[{"diagnostics":"page is short"}]}}]}`),
    );
    expect(found.resources).toHaveLength(1);
    expect(found.next).toBe('code=a%2Bb&_cursor=1');
    expect(found.remarks).toEqual(['page is short']);
  });

  it('may be empty', () => {
    expect(readFound(readJson('{}'))).toEqual({ resources: [], next: null, remarks: [] });
  });
});

describe('a history', () => {
  it('says what each version was made by', () => {
    const { versions, more } = readHistory(
      readJson(`{"entry":[
        {"request":{"method":"DELETE"},"response":{"status":"204","etag":"W/\\"3\\"","lastModified":"c"}},
        {"request":{"method":"PUT"},"response":{"status":"200","etag":"W/\\"2\\"","lastModified":"b"}},
        {"request":{"method":"PUT"},"response":{"status":"201","etag":"W/\\"1\\"","lastModified":"a"}}]}`),
    );
    expect(versions.map(({ version, act }) => `${version} ${act}`)).toEqual([
      '3 deleted',
      '2 changed',
      '1 created',
    ]);
    expect(more).toBe(false);
  });
});

describe('a question to the record', () => {
  it('is what the address says, without what only shapes the answer', () => {
    expect(criteriaOf('code=a&_sort=date&code:text=b&_cursor=9')).toEqual([
      { name: 'code', value: 'a' },
      { name: 'code:text', value: 'b' },
    ]);
    expect(
      queryOf([
        { name: 'code', value: ' a|b ' },
        { name: 'date', value: ' ' },
      ]),
    ).toBe('code=a%7Cb');
  });

  it('begins with what changed last, a page at a time; a page further is asked as it was told', () => {
    expect(askedOf('code=a')).toBe('code=a&_sort=-_lastUpdated&_count=25');
    expect(askedOf('_sort=date&_count=5')).toBe('_sort=date&_count=5');
    expect(askedOf('code=a&_cursor=x')).toBe('code=a&_cursor=x');
  });

  it('knows from the CapabilityStatement what can be asked', () => {
    const { types, base } = readCapability(
      readJson(`{"implementation":{"url":"https://a/fhir"},"rest":[{"resource":[
        {"type":"Patient","searchParam":[{"name":"name","type":"string"},{"name":"_id","type":"token"}]},
        {"type":"Condition"}]}]}`),
    );
    expect([...types.keys()]).toEqual(['Condition', 'Patient']);
    expect(types.get('Patient')?.map(({ name }) => name)).toEqual(['_id', 'name']);
    expect(base).toBe('https://a/fhir');
  });
});
