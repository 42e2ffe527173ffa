#!/usr/bin/env python3
"""Makes the tables of this folder from the official definitions of FHIR R4 (4.0.1, HL7, CC0-1.0).

    data/fhir/distil.py FOLDER

FOLDER holds either the specification's bundles (profiles-types, profiles-resources, profiles-others,
valuesets, v3-codesystems, v2-tables, search-parameters as .json or .json.zst, and the five
CompartmentDefinition-*.json) or the unpacked npm package hl7.fhir.r4.examples@4.0.1, one file a
resource. The tables are committed: run this again only when what it makes should change, and read
the difference.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CORE = 'http://hl7.org/fhir/StructureDefinition/'
SIMPLE_QUANTITY = CORE + 'SimpleQuantity'
EXAMPLE_SET_CODES_MAX = 200  # a value set that only gives examples is kept up to this size


def resources_of(folder):
    """Every resource of the folder; those inside bundles of definitions, not the bundles."""
    for file in sorted(folder.glob('**/*.json*')):
        if file.suffix == '.zst':
            text = subprocess.run(['zstd', '--decompress', '--stdout', '--quiet', file], check=True,
                                  stdout=subprocess.PIPE).stdout
        else:
            text = file.read_bytes()
        resource = json.loads(text)
        kind = resource.get('resourceType')
        if kind == 'Bundle' and resource.get('type') == 'collection':
            yield from (entry['resource'] for entry in resource['entry'])
        elif kind:
            yield resource


def last(url):
    return url.rsplit('/', 1)[-1]


def one_line(text):
    return re.sub(r'\s+', ' ', text or '').strip()


def write(name, head, columns, rows):
    lines = [f'# {line}'.rstrip() for line in ['Made by distil.py from FHIR 4.0.1 (HL7, CC0-1.0).'] + head]
    lines.append('\t'.join(columns))
    for row in rows:
        assert len(row) == len(columns) and not any('\t' in cell or '\n' in cell for cell in row), row
        lines.append('\t'.join(row).rstrip('\t'))
    (HERE / name).write_text('\n'.join(lines) + '\n', encoding='utf-8')
    print(f'{name}: {len(rows)} rows, {(HERE / name).stat().st_size} bytes')


class Types:
    """types.tsv, elements.tsv, constraints.tsv."""

    def __init__(self, definitions):
        self.types = {d['type']: d for d in definitions
                      if d.get('derivation', 'specialization') == 'specialization'
                      and d['kind'] in ('primitive-type', 'complex-type', 'resource')}
        self.simple_quantity = next(c for d in definitions if d['url'] == SIMPLE_QUANTITY
                                    for c in d['snapshot']['element'][0]['constraint']
                                    if c['key'] == 'sqty-1')
        self.constraints = {}  # (key, expression) -> (constraint, first path)
        self.bindings = {}     # value set url -> strengths

    def elements(self, name):
        return self.types[name]['snapshot']['element']

    def inherited_keys(self, name):
        return [c['key'] for c in self.elements(name)[0].get('constraint', [])] if name in self.types else []

    def constraint_keys(self, path, constraints, inherited):
        own = [c for c in constraints if c['key'] not in inherited]
        for c in own:
            self.constraints.setdefault((c['key'], one_line(c['expression'])), (c, path))
        return [(c['key'], one_line(c['expression'])) for c in own]

    def type_text(self, element, use):
        code = use['code']
        if code.startswith('http://hl7.org/fhirpath/System.'):
            # 2.24.0.1: ids and urls are System types in the definitions; this is their FHIR type.
            # Resource.id is an `id` though its definition says string (corrected in R5).
            if element['path'] == 'Resource.id':
                return 'id'
            return next(e['valueUrl'] for e in use['extension'] if e['url'].endswith('fhir-type'))
        targets = [last(t) for t in use.get('targetProfile', [])]
        return f'{code}({" ".join(targets)})' if targets and targets != ['Resource'] else code

    def rows(self):
        types, elements = [], []
        for name in sorted(self.types):
            definition = self.types[name]
            base = last(definition.get('baseDefinition', ''))
            pattern = ''
            keys = self.constraint_keys(name, self.elements(name)[0].get('constraint', []),
                                        self.inherited_keys(base))
            for element in self.elements(name)[1:]:
                if definition['kind'] == 'primitive-type' and element['path'] == name + '.value':
                    pattern = next((e['valueString'] for use in element['type']
                                    for e in use.get('extension', []) if e['url'].endswith('regex')), '')
                elif element['base']['path'] == element['path']:
                    elements.append(self.element_row(element))
            types.append([name, definition['kind'].removesuffix('-type'), base,
                          'abstract' if definition['abstract'] else '', pattern, keys])
        return types, elements

    def element_row(self, element):
        uses = element.get('type', [])
        reference = element.get('contentReference')
        types = reference or '|'.join(self.type_text(element, use) for use in uses)
        assert types, element['path']
        inherited = self.inherited_keys(uses[0]['code']) if uses else []
        declared = list(element.get('constraint', []))
        if any(SIMPLE_QUANTITY in use.get('profile', []) for use in uses):
            declared.append(self.simple_quantity)
        keys = self.constraint_keys(element['path'], declared, inherited + ['ele-1', 'ext-1'])
        flags = ('S' if element.get('isSummary') else '') + ('M' if element.get('isModifier') else '')
        binding = element.get('binding', {})
        value_set = binding.get('valueSet', '').split('|')[0]
        if value_set:
            self.bindings.setdefault(value_set, set()).add(binding['strength'])
        return [element['path'], f"{element['min']}..{element['max']}", types, flags,
                f"{binding['strength']} {value_set}".strip() if binding else '', keys]

    def write(self):
        types, elements = self.rows()
        count = {}
        for key, _ in self.constraints:
            count[key] = count.get(key, 0) + 1

        def label(key_and_expression):
            key = key_and_expression[0]
            return key if count[key] == 1 else f'{key}@{self.constraints[key_and_expression][1].split(".")[0]}'

        for row in types + elements:
            row[5] = ' '.join(label(key) for key in row[5])
        write('types.tsv', ['Constraints: those not inherited, keys of constraints.tsv. Pattern: of the',
                            'text of a primitive, as printed in the specification.'],
              ['name', 'kind', 'base', 'abstract', 'pattern', 'constraints'], types)
        write('elements.tsv', [
            'Elements that a type adds to its base, in the order of the specification.',
            'types: joined by |, in brackets what a Reference or canonical may lead to; #path: has the',
            'content of that element. flags: S in the summary, M modifier. Quantities of the profile',
            'SimpleQuantity carry its constraint sqty-1.'],
            ['path', 'cardinality', 'types', 'flags', 'binding', 'constraints'], elements)
        write('constraints.tsv', ['Invariants. key@Type where the specification uses a key twice.'],
              ['key', 'severity', 'human', 'expression'],
              sorted([label(k), c['severity'], one_line(c['human']), k[1]]
                     for k, (c, _) in self.constraints.items()))


class NotEnumerable(Exception):
    pass


class ValueSets:
    """code-systems.tsv, codes.tsv and value-sets.tsv: codes as far as the definitions give them."""

    def __init__(self, resources):
        self.sets = {r['url']: r for r in resources if r['resourceType'] == 'ValueSet'}
        self.systems = {r['url']: r for r in resources if r['resourceType'] == 'CodeSystem'}
        self.displays = {}  # system -> code -> display, in the order of the definition
        self.parents = {}   # system -> code -> codes above it
        self.marks = {}     # system -> code -> words of codes.tsv
        for url, system in self.systems.items():
            if system['content'] == 'complete':
                self.displays[url], self.parents[url], self.marks[url] = {}, {}, {}
                self.walk(url, system.get('concept', []), [])
        self.known = set(self.displays)

    def walk(self, system, concepts, above):
        for concept in concepts:
            code, properties = concept['code'], concept.get('property', [])
            self.displays[system][code] = one_line(concept.get('display'))
            parents = above + [p['valueCode'] for p in properties
                               if p['code'] == 'subsumedBy' and 'valueCode' in p]
            self.parents[system].setdefault(code, []).extend(parents)
            for p in properties:
                if p['code'] == 'child' and p['valueCode'] != code:
                    self.parents[system].setdefault(p['valueCode'], []).append(code)
            self.marks[system][code] = [
                p.get('valueCode', 'notSelectable') for p in properties
                if p['code'] == 'status' or p['code'] in ('notSelectable', 'abstract') and p['valueBoolean']]
            self.walk(system, concept.get('concept', []), [code])

    def is_below(self, system, code, root):
        return any(p == root or self.is_below(system, p, root) for p in self.parents[system].get(code, []))

    def expand(self, url, nesting=()):
        url = url.split('|')[0]
        if url not in self.sets or url in nesting:
            raise NotEnumerable(f'{url} is not among the definitions')
        compose = self.sets[url]['compose']
        codes = set().union(*(self.part(i, nesting + (url,)) for i in compose['include']))
        for exclude in compose.get('exclude', []):
            codes -= self.part(exclude, nesting + (url,))
        return codes

    def part(self, include, nesting):
        parts = [self.expand(v, nesting) for v in include.get('valueSet', [])]
        system = include.get('system')
        if system and 'concept' in include:
            parts.append({(system, c['code']) for c in include['concept']})
            shown = self.displays.setdefault(system, {})
            for c in include['concept']:
                if not shown.get(c['code']):
                    shown[c['code']] = one_line(c.get('display'))
        elif system:
            if system not in self.known:
                raise NotEnumerable(f'codes of {system} are not among the definitions')
            parts.append({(system, code) for code in self.displays[system]
                          if all(self.passes(system, code, f) for f in include.get('filter', []))})
        return set.intersection(*parts)

    def passes(self, system, code, rule):
        property_, op, value = rule['property'], rule['op'], rule['value']
        if property_ == 'concept':
            inside = code == value or self.is_below(system, code, value)
            if op == 'is-a':
                return inside
            if op == 'descendent-of':
                return inside and code != value
            if op == 'is-not-a':
                return not inside
        raise NotEnumerable(f'filter {property_} {op} {value} on {system}')

    def write(self, bindings):
        left_out, expanded = [], {}
        for url in sorted(bindings):
            try:
                codes = self.expand(url)
                if bindings[url] == {'example'} and len(codes) > EXAMPLE_SET_CODES_MAX:
                    raise NotEnumerable(f'{len(codes)} codes that are only examples')
                expanded[url] = codes
            except NotEnumerable as reason:
                if bindings[url] != {'example'}:
                    strength = next(s for s in ('required', 'extensible', 'preferred') if s in bindings[url])
                    left_out.append(f'  {url} ({strength}): {reason}')
        rows = []
        for url, codes in expanded.items():
            shown_url, version, name = url, self.sets[url].get('version', ''), self.sets[url]['name']
            for system in sorted({s for s, _ in codes}):
                of_system = [c for s, c in codes if s == system]
                whole = system in self.known and len(of_system) == len(self.displays[system])
                shown_system = system
                for code in ['*'] if whole else sorted(of_system):
                    rows.append([shown_url, shown_system, code, version, name])
                    shown_url = shown_system = version = name = ''
        write('value-sets.tsv', [
            'Value sets that elements and the profiles of vital signs are bound to. An empty cell repeats',
            'the one above; * is every code that codes.tsv has of the system. Left out, for their codes',
            'are not all here (those bound as examples are not listed):'] + left_out,
            ['value_set', 'system', 'code', 'version', 'name'], rows)
        self.write_codes(set().union(*expanded.values()))
        self.write_code_systems()

    def write_codes(self, used):
        rows = []
        for system in sorted({s for s, _ in used} | self.known):
            shown_system = system
            for code, display in self.displays[system].items():
                if system in self.known or (system, code) in used:
                    parents = list(dict.fromkeys(self.parents.get(system, {}).get(code, [])))
                    assert not any(' ' in parent for parent in parents)
                    marks = self.marks.get(system, {}).get(code, [])
                    rows.append([shown_system, code, display, ' '.join(parents), ' '.join(marks)])
                    shown_system = ''
        write('codes.tsv', [
            'Codes of the systems in code-systems.tsv, all of them and in their order, and those of other',
            'systems that value-sets.tsv needs. An empty cell of `system` repeats the one above. parents: the',
            'codes right above it in the hierarchy. marks: notSelectable, and its status where it has one.'],
              ['system', 'code', 'display', 'parents', 'marks'], rows)

    def write_code_systems(self):
        rows = [[url, s.get('version', ''), s['name'], s.get('valueSet', ''), s.get('hierarchyMeaning', ''),
                 'any-case' if not s.get('caseSensitive') else '']
                for url, s in sorted(self.systems.items()) if url in self.known]
        write('code-systems.tsv', ['Code systems whose codes are all in codes.tsv. value_set: that of all its codes.',
                                   'case: any-case where its codes are not said to be case sensitive.'],
              ['url', 'version', 'name', 'value_set', 'hierarchy', 'case'], rows)


def write_search_parameters(resources):
    prefix = 'http://hl7.org/fhir/SearchParameter/'

    def component(c):
        text = f"{last(c['definition'])}={one_line(c['expression'])}"
        assert c['definition'].startswith(prefix) and ';' not in text
        return text

    rows = []
    for p in resources:
        if p['resourceType'] == 'SearchParameter':  # ten of extensions have neither base nor expression
            assert p['url'].startswith(prefix)
            rows.append([p['url'].removeprefix(prefix), p['code'], p['type'], ' '.join(p.get('base', [])),
                         one_line(p.get('expression')), ' '.join(p.get('target', [])),
                         ';'.join(component(c) for c in p.get('component', [])), one_line(p['description'])])
    write('search-parameters.tsv', [f'id: what follows {prefix} in the url.',
                                    'components: id=expression, joined by ;'],
          ['id', 'code', 'type', 'bases', 'expression', 'targets', 'components', 'description'], sorted(rows))


def write_compartments(resources):
    itself = '{def}'  # the resource that the compartment is of: not a parameter
    rows = [[d['code'], r['code'], ' '.join(p for p in r['param'] if p != itself)]
            for d in resources if d['resourceType'] == 'CompartmentDefinition'
            for r in d['resource'] if set(r.get('param', [])) - {itself}]
    write('compartments.tsv', ['A resource of the type is in the compartment when one of the parameters leads there;',
                               'and the resource that the compartment is of, always.'],
          ['compartment', 'type', 'parameters'], sorted(rows))


def write_vital_signs(structures):
    """The profiles as they are, less what only people read: a line each, the reader's own form."""
    kept = {'id', 'path', 'sliceName', 'min', 'max', 'type', 'slicing', 'binding', 'constraint'}

    def element(e):
        small = {k: v for k, v in e.items() if k in kept or k.startswith(('fixed', 'pattern'))}
        if 'binding' in small:
            small['binding'] = {k: v for k, v in small['binding'].items() if k in ('strength', 'valueSet')}
        if 'constraint' in small:
            small['constraint'] = [{k: v for k, v in c.items() if k != 'xpath'} for c in small['constraint']]
        return small

    by_url = {d['url']: d for d in structures}
    vital_signs = CORE + 'vitalsigns'
    lines = []
    for url in sorted(by_url):
        definition = by_url[url]
        if vital_signs in (url, definition.get('baseDefinition')):
            lines.append(json.dumps(
                {k: definition[k] for k in ('resourceType', 'url', 'name', 'type', 'baseDefinition')} |
                {'differential': {'element': [element(e) for e in definition['differential']['element']]}},
                ensure_ascii=False))
    (HERE / 'vital-signs.ndjson').write_text('\n'.join(lines) + '\n', encoding='utf-8')
    print(f'vital-signs.ndjson: {len(lines)} profiles')


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    resources = {}
    for resource in resources_of(Path(sys.argv[1])):
        resources[(resource['resourceType'], resource.get('url', resource.get('id')))] = resource
    resources = list(resources.values())
    structures = [r for r in resources if r['resourceType'] == 'StructureDefinition']
    types = Types([d for d in structures if d['url'].startswith(CORE) and d['type'] != 'Extension'
                   or d['url'] == CORE + 'Extension'])
    types.write()
    bindings = dict(types.bindings)
    for definition in structures:
        if definition['type'] == 'Observation' and 'snapshot' in definition:
            for element in definition['snapshot']['element']:
                binding = element.get('binding', {})
                if 'valueSet' in binding:
                    bindings.setdefault(binding['valueSet'].split('|')[0], set()).add(binding['strength'])
    ValueSets(resources).write(bindings)
    write_vital_signs(structures)
    write_search_parameters(resources)
    write_compartments(resources)


if __name__ == '__main__':
    main()
