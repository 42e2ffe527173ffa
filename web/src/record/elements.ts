// A resource as people read it: every element with its name, and the types that have a way of being
// written (R4 2.24) as one line.
import { localDate, localDateTime, localDecimal } from '../vital/format';
import { JsonNumber, objectOf, textAt, type Json, type JsonObject } from './json';
import { conceptText, nameText } from './summary';

export type Shown =
  | { as: 'text'; text: string; aside: string | null }
  | { as: 'time'; text: string; time: string }
  | { as: 'reference'; reference: string; text: string }
  | { as: 'narrative'; html: string }
  | { as: 'long'; text: string }
  | { as: 'elements'; elements: Element[] }
  | { as: 'items'; items: Shown[] };

export interface Element {
  name: string;
  shown: Shown;
}

const text = (words: string, aside: string | null = null): Shown => ({
  as: 'text',
  text: words,
  aside,
});

/** R4 2.24.0.1: date, dateTime and instant. */
const date = /^\d{4}(-\d\d(-\d\d)?)?$/;
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
/** A bare year is a date only where the element says so. */
const dateName = /(date|Date|DateTime|period|start|end|On)$/;

/** A FHIR date or time for the viewer, or as it is where it is neither. */
export function localMoment(value: string, locale: string): string {
  const ms = Date.parse(value);
  if (moment.test(value) && !Number.isNaN(ms)) return localDateTime(ms, locale);
  return date.test(value) ? localDate(value, locale) : value;
}

const longText = 400;

function ofString(name: string, value: string, locale: string): Shown {
  const isDate = date.test(value) && (value.length > 4 || dateName.test(name));
  if (moment.test(value) || isDate)
    return { as: 'time', text: localMoment(value, locale), time: value };
  return value.length > longText ? { as: 'long', text: value } : text(value);
}

const only = (object: JsonObject, ...names: string[]) =>
  object.size > 0 && [...object.keys()].every((name) => names.includes(name));

const systemAside = (object: JsonObject): string | null =>
  ['system', 'code', 'version']
    .map((part) => textAt(object, part))
    .filter((part) => part !== null)
    .join(' ') || null;

function quantity(object: JsonObject, locale: string): Shown | null {
  const value = object.get('value');
  if (!(value instanceof JsonNumber)) return null;
  if (!only(object, 'value', 'comparator', 'unit', 'system', 'code')) return null;
  const comparator = textAt(object, 'comparator');
  const unit = textAt(object, 'unit') ?? textAt(object, 'code');
  const words = [comparator, localDecimal(value.text, locale), unit];
  return text(words.filter((part) => part !== null).join(' '));
}

function period(object: JsonObject, locale: string): Shown | null {
  if (!only(object, 'start', 'end')) return null;
  const [start, end] = [textAt(object, 'start'), textAt(object, 'end')];
  const shown = (at: string | null) => (at === null ? '…' : localMoment(at, locale));
  return { as: 'time', text: `${shown(start)} – ${shown(end)}`, time: start ?? end ?? '' };
}

/** As one line, where the type has one and nothing of it would be left out. */
function inALine(object: JsonObject, locale: string): Shown | null {
  const reference = textAt(object, 'reference');
  if (reference !== null && only(object, 'reference', 'display', 'type'))
    return { as: 'reference', reference, text: textAt(object, 'display') ?? reference };
  const words = conceptText(object);
  if (only(object, 'system', 'version', 'code', 'display', 'userSelected') && object.has('code'))
    return words === null ? null : text(words, systemAside(object));
  const coding = object.get('coding');
  if (words !== null && only(object, 'text', 'coding') && Array.isArray(coding)) {
    const codes = coding.map((one) => objectOf(one)).filter((one) => one !== null);
    if (codes.every((one) => only(one, 'system', 'version', 'code', 'display', 'userSelected')))
      return text(words, codes.map(systemAside).filter(Boolean).join(', ') || null);
  }
  if (words !== null && only(object, 'text')) return text(words);
  if (only(object, 'use', 'text', 'family', 'given', 'prefix', 'suffix')) {
    const name = nameText(object);
    return name === null ? null : text(name, textAt(object, 'use'));
  }
  if (only(object, 'use', 'system', 'value', 'rank') && object.has('value')) {
    const [system, use] = [textAt(object, 'system'), textAt(object, 'use')];
    const value = textAt(object, 'value');
    if (value !== null)
      return text(value, [system, use].filter((part) => part !== null).join(' ') || null);
  }
  return quantity(object, locale) ?? period(object, locale);
}

export function shown(name: string, value: Json, locale: string): Shown {
  if (value === null) return text('–');
  if (typeof value === 'boolean') return text(String(value));
  if (value instanceof JsonNumber) return text(localDecimal(value.text, locale));
  if (typeof value === 'string') {
    if (name === 'div' && value.startsWith('<')) return { as: 'narrative', html: value };
    return ofString(name, value, locale);
  }
  if (Array.isArray(value)) {
    const [one] = value;
    if (value.length === 1 && one !== undefined) return shown(name, one, locale);
    return { as: 'items', items: value.map((item) => shown(name, item, locale)) };
  }
  return inALine(value, locale) ?? { as: 'elements', elements: elementsOf(value, locale) };
}

/** The members of a resource or a part of it, in their order; its type stands in the heading. */
export function elementsOf(object: JsonObject, locale: string): Element[] {
  return [...object]
    .filter(([name]) => name !== 'resourceType')
    .map(([name, value]) => ({ name, shown: shown(name, value, locale) }));
}
