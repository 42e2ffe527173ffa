// A scope in words: which kind of data, and what is done with it. A type without words of its own is
// called what FHIR calls it.
import type { DataScope, Scope, ScopeAct } from '../access/scopes';
import { once } from '../vital/format';
import { languageInUse, t, tOr } from '../words';

const listFormat = once((tag) => new Intl.ListFormat(tag, { type: 'conjunction' }));
const listed = (words: readonly string[]) => listFormat(languageInUse.value).format(words);

const allWriting = ['create', 'change', 'delete'] as const;

/** "read and search"; who may create, change and delete, writes. */
export function actWords(acts: readonly ScopeAct[]): string {
  const writesAll = allWriting.every((act) => acts.includes(act));
  const single = acts.filter((act) => !writesAll || !allWriting.some((one) => one === act));
  return listed([
    ...single.map((act) => t(`scope.act.${act}`)),
    ...(writesAll ? [t('scope.act.write')] : []),
  ]);
}

/** A token of a search is a system and a code (R4 3.1.1.5.8); the code says enough where we know it. */
function valueWords(name: string, value: string): string {
  if (name !== 'category') return `${name} = ${value}`;
  const codes = value.split(',').map((token) => token.slice(token.lastIndexOf('|') + 1));
  return listed(codes.map((code) => tOr(`scope.category.${code}`, code)));
}

export function dataWords({ type, only }: Pick<DataScope, 'type' | 'only'>): string {
  const what = type === '*' ? t('scope.type.all') : tOr(`scope.type.${type}`, type);
  if (only.length === 0) return what;
  const narrowed = only.map(({ name, value }) => valueWords(name, value));
  return t('scope.only', { what, only: listed(narrowed) });
}

/** As one line, wherever it stands alone. */
export function scopeWords(scope: Scope): string {
  switch (scope.kind) {
    case 'data':
      return t('scope.line', { what: dataWords(scope), acts: actWords(scope.acts) });
    case 'identity':
      return t('scope.identity');
    case 'offline':
      return t('scope.offline');
    case 'online':
      return t('scope.online');
    case 'launch':
      return tOr(`scope.${scope.text}`, scope.text);
    case 'other':
      return scope.text;
  }
}
