// A resource in a line: what it is in words, whose, when, how it stands, who wrote it. The elements
// are those of FHIR R4, most telling first.
import { at, itemsOf, objectOf, textAt, textOf, type Json, type JsonObject } from './json';

export interface Target {
  type: string;
  id: string;
  version: string | null;
}

const typeName = /^[A-Z][A-Za-z]{1,63}$/;
/** R4 2.24.0.1, id. */
const idText = /^[A-Za-z0-9.-]{1,64}$/;

/** "Patient/7", "Patient/7/_history/2" or the same behind the server's own base (R4 2.3.0.1). */
export function readReference(reference: string, base: string | null): Target | null {
  const own = base !== null && reference.startsWith(`${base}/`);
  const parts = (own ? reference.slice(base.length + 1) : reference).split('/');
  const [type = '', id = '', history, version = null] = parts;
  if (!typeName.test(type) || !idText.test(id)) return null;
  if (parts.length === 2) return { type, id, version: null };
  if (parts.length === 4 && history === '_history') return { type, id, version };
  return null;
}

/** A HumanName (R4 2.24.0.14): its text, or its parts as they are spoken. */
export function nameText(value: Json | undefined): string | null {
  const text = textAt(value, 'text');
  if (text !== null) return text;
  const name = objectOf(value);
  const parts = ['prefix', 'given', 'family', 'suffix'].flatMap((part) =>
    itemsOf(name?.get(part)).map((item) => textOf(item)),
  );
  return parts.filter((part) => part !== null).join(' ') || null;
}

/** A CodeableConcept, a Coding or a code in words. */
export function conceptText(value: Json | undefined): string | null {
  return (
    textOf(value) ??
    textAt(value, 'text') ??
    textAt(value, 'coding', 'display') ??
    textAt(value, 'display') ??
    textAt(value, 'coding', 'code') ??
    textAt(value, 'code')
  );
}

const referenceText = (value: Json | undefined): string | null =>
  textAt(value, 'display') ?? textAt(value, 'reference') ?? textAt(value, 'identifier', 'value');

function first<T>(names: readonly string[], of: (name: string) => T | null): T | null {
  for (const name of names) {
    const found = of(name);
    if (found !== null) return found;
  }
  return null;
}

const wordElements = [
  ['code', 'medicationCodeableConcept', 'vaccineCode', 'productCodeableConcept', 'type'],
  ['title', 'description', 'category', 'serviceCategory', 'class', 'deviceName', 'summary'],
].flat();

/** What it is: its code, name or title; null where it says nothing of the kind. */
export function wordsOf(resource: JsonObject): string | null {
  const name = at(resource, 'name');
  return (
    (objectOf(name) ? nameText(name) : textOf(name)) ??
    first(wordElements, (element) => {
      const value = at(resource, element);
      return element === 'deviceName' ? textAt(value, 'name') : conceptText(value);
    }) ??
    textAt(resource, 'medicationReference', 'display') ??
    textAt(resource, 'content', 'attachment', 'title')
  );
}

const patientElements = ['subject', 'patient', 'beneficiary', 'for', 'individual'];

export interface Mention {
  reference: string | null;
  text: string;
}

export function mentionOf(value: Json | undefined): Mention | null {
  const text = referenceText(value);
  return text === null ? null : { reference: textAt(value, 'reference'), text };
}

export const patientOf = (resource: JsonObject): Mention | null =>
  first(patientElements, (element) => mentionOf(at(resource, element)));

const dateElements = [
  ['effectiveDateTime', 'effectiveInstant', 'effectivePeriod', 'onsetDateTime', 'onsetPeriod'],
  ['performedDateTime', 'performedPeriod', 'occurrenceDateTime', 'occurrencePeriod'],
  ['authoredOn', 'period', 'start', 'date', 'recordedDate', 'dateAsserted', 'issued', 'sent'],
  ['created', 'recorded', 'birthDate', 'authored'],
].flat();

/** When it was, in the world rather than in the record; a period by its start. */
export const dateOf = (resource: JsonObject): string | null =>
  first(dateElements, (element) => {
    const value = at(resource, element);
    return textOf(value) ?? textAt(value, 'start') ?? textAt(value, 'end');
  });

/** How it stands: its codes, clinical before administrative. */
export function statusOf(resource: JsonObject): string[] {
  const codes = ['clinicalStatus', 'verificationStatus', 'status', 'criticality'].map((element) => {
    const value = at(resource, element);
    return textOf(value) ?? textAt(value, 'coding', 'code') ?? textAt(value, 'text');
  });
  return codes.filter((code) => code !== null);
}

const whoElements = [
  ['recorder', 'asserter', 'requester', 'author', 'performer', 'informationSource'],
  ['authenticator', 'serviceProvider', 'custodian', 'sender', 'source'],
].flat();

export const whoOf = (resource: JsonObject): Mention | null =>
  first(whoElements, (element) => {
    const value = at(resource, element);
    return mentionOf(value) ?? mentionOf(at(value, 'actor'));
  }) ?? mentionOf(at(resource, 'participant', 'individual'));

export const lastUpdatedOf = (resource: JsonObject): string | null =>
  textAt(resource, 'meta', 'lastUpdated');
