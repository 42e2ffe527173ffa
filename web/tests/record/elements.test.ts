import { describe, expect, it } from 'vitest';
import { elementsOf, localMoment, shown } from '../../src/record/elements';
import { readJson, type JsonObject } from '../../src/record/json';

const of = (text: string, name = 'element') => shown(name, readJson(text), 'de');

describe('an element, as people read it', () => {
  it.each([
    [
      'a quantity with its digits',
      '{"value":1.00,"unit":"mmol/L","code":"mmol/L"}',
      '1,00 mmol/L',
      null,
    ],
    ['a quantity that is a bound', '{"value":-5,"comparator":"<","unit":"mg"}', '< −5 mg', null],
    [
      'a concept by its text',
      '{"text":"Fever","coding":[{"system":"s","code":"c"}]}',
      'Fever',
      's c',
    ],
    ['a coding by its display', '{"system":"s","code":"c","display":"Fever"}', 'Fever', 's c'],
    [
      'a name by its parts',
      '{"use":"official","family":"Müller","given":["Anna","Maria"]}',
      'Anna Maria Müller',
      'official',
    ],
    ['a contact', '{"system":"phone","value":"030 1234","use":"work"}', '030 1234', 'phone work'],
    ['a decimal', '100.00', '100,00', null],
    ['a year that is none', '"2026"', '2026', null],
  ])('%s', (_, json, text, aside) => {
    expect(of(json)).toEqual({ as: 'text', text, aside });
  });

  it('a date as much of it as is known, and a moment with its zone', () => {
    expect(of('"1957-02"')).toEqual({ as: 'time', text: 'Februar 1957', time: '1957-02' });
    expect(of('"2026"', 'birthDate')).toEqual({ as: 'time', text: '2026', time: '2026' });
    expect(of('"2026-11-26T05:00:00Z"')).toMatchObject({
      as: 'time',
      time: '2026-11-26T05:00:00Z',
    });
    expect(localMoment('soon', 'de')).toBe('soon');
  });

  it('a period with an open end', () => {
    expect(of('{"start":"2026-11-26"}')).toMatchObject({ as: 'time', text: '26.11.2026 – …' });
  });

  it('a reference by what it is called', () => {
    expect(of('{"reference":"Patient/7","display":"Ada"}')).toEqual({
      as: 'reference',
      reference: 'Patient/7',
      text: 'Ada',
    });
  });

  it('leaves nothing out: what a line cannot hold is shown in its parts', () => {
    const text = '{"value":1.0,"unit":"mg","extension":[{"url":"u","valueBoolean":true}]}';
    expect(of(text)).toMatchObject({
      as: 'elements',
      elements: [{ name: 'value' }, { name: 'unit' }, { name: 'extension' }],
    });
    expect(of('{"use":"official"}')).toMatchObject({ as: 'elements' });
  });

  it('of a list each item, of a list of one the item', () => {
    expect(of('["a","b"]')).toMatchObject({ as: 'items', items: [{ text: 'a' }, { text: 'b' }] });
    expect(of('["a"]')).toMatchObject({ as: 'text', text: 'a' });
  });

  it('keeps the order of the resource, and its type for the heading', () => {
    const resource = readJson('{"resourceType":"Patient","id":"7","active":true}') as JsonObject;
    expect(elementsOf(resource, 'en').map(({ name }) => name)).toEqual(['id', 'active']);
  });
});
