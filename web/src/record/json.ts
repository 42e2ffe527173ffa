// JSON as the server wrote it (RFC 8259). JSON.parse makes 1.0 of 1.00, but FHIR decimals keep their
// precision (R4 2.24.0.1), so a number stays the text it was.

export class JsonNumber {
  constructor(readonly text: string) {}
}

export type JsonObject = Map<string, Json>;
export type Json = null | boolean | string | JsonNumber | Json[] | JsonObject;

/** FHIR nests a handful deep; what nests deeper than this is no resource. */
export const depthMax = 200;

const space = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// eslint-disable-next-line no-control-regex -- RFC 8259 7: these must be escaped
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const word = /true|false|null/y;

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  whole(): Json {
    const value = this.value(0);
    this.skip();
    if (this.at !== this.text.length) this.fail();
    return value;
  }

  private fail(): never {
    throw new SyntaxError(`no JSON at character ${this.at}`);
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? null;
    if (found !== null) this.at += found.length;
    return found;
  }

  private skip(): void {
    this.match(space);
  }

  private eat(character: string): boolean {
    this.skip();
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private value(depth: number): Json {
    if (depth > depthMax) this.fail();
    this.skip();
    switch (this.text[this.at]) {
      case '{':
        return this.object(depth);
      case '[':
        return this.array(depth);
      case '"':
        return this.string();
    }
    const literal = this.match(word);
    if (literal !== null) return literal === 'null' ? null : literal === 'true';
    const digits = this.match(number);
    return digits === null ? this.fail() : new JsonNumber(digits);
  }

  private string(): string {
    // Only what stands between these quotes: no number is in it to lose its digits.
    const quoted = this.match(string);
    return quoted === null ? this.fail() : (JSON.parse(quoted) as string);
  }

  private object(depth: number): JsonObject {
    const members: JsonObject = new Map();
    this.at += 1;
    if (this.eat('}')) return members;
    do {
      this.skip();
      const name = this.string();
      if (!this.eat(':')) this.fail();
      members.set(name, this.value(depth + 1));
    } while (this.eat(','));
    if (!this.eat('}')) this.fail();
    return members;
  }

  private array(depth: number): Json[] {
    const items: Json[] = [];
    this.at += 1;
    if (this.eat(']')) return items;
    do items.push(this.value(depth + 1));
    while (this.eat(','));
    if (!this.eat(']')) this.fail();
    return items;
  }
}

/** Throws a SyntaxError where the text is no JSON. */
export const readJson = (text: string): Json => new Reader(text).whole();

/** As text, indented for people; numbers as they came. */
export function writeJson(value: Json, indent = ''): string {
  const deeper = `${indent}  `;
  if (value instanceof JsonNumber) return value.text;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    const items = value.map((item) => deeper + writeJson(item, deeper));
    return `[\n${items.join(',\n')}\n${indent}]`;
  }
  if (value instanceof Map) {
    if (value.size === 0) return '{}';
    const members = [...value].map(
      ([name, member]) => `${deeper}${JSON.stringify(name)}: ${writeJson(member, deeper)}`,
    );
    return `{\n${members.join(',\n')}\n${indent}}`;
  }
  return JSON.stringify(value);
}

export function sameJson(a: Json, b: Json): boolean {
  if (a instanceof JsonNumber) return b instanceof JsonNumber && a.text === b.text;
  if (Array.isArray(a))
    return (
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, i) => sameJson(item, b[i] as Json))
    );
  if (a instanceof Map)
    return (
      b instanceof Map &&
      a.size === b.size &&
      [...a].every(([name, member]) => b.has(name) && sameJson(member, b.get(name) as Json))
    );
  return a === b;
}

// --- Looking into a value whose shape is only hoped for

export const objectOf = (value: Json | undefined): JsonObject | null =>
  value instanceof Map ? value : null;
export const textOf = (value: Json | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : null;
export const itemsOf = (value: Json | undefined): Json[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

/** What stands at `path`, of every list its first item: ("code", "coding", "display"). */
export function at(value: Json | undefined, ...path: string[]): Json | undefined {
  let here = value;
  for (const name of path) {
    here = objectOf(Array.isArray(here) ? here[0] : here)?.get(name);
    if (here === undefined) return undefined;
  }
  return Array.isArray(here) ? here[0] : here;
}
export const textAt = (value: Json | undefined, ...path: string[]): string | null =>
  textOf(at(value, ...path));
