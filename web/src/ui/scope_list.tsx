// What an app may do, in words, by whose data it is about; to be read, or to take something away from.
import {
  mayBeTaken,
  parseScope,
  writes,
  type DataScope,
  type Scope,
  type Whose,
} from '../access/scopes';
import { t } from '../words';
import { actWords, dataWords, scopeWords } from './scope_words';
import './scope_list.css';

export interface Taking {
  taken: ReadonlySet<string>;
  toggle: (scope: string) => void;
}

const order: readonly Whose[] = ['patient', 'user', 'system'];

function DataLine({ scope }: { scope: DataScope }) {
  const acts = actWords(scope.acts);
  return (
    <span class="scope">
      {dataWords(scope)}
      <small>{writes(scope) ? <strong title={t('consent.writes')}>{acts}</strong> : acts}</small>
    </span>
  );
}

function Line({ scope, taking }: { scope: Scope; taking: Taking | undefined }) {
  const words =
    scope.kind === 'data' ? (
      <DataLine scope={scope} />
    ) : (
      <span class="scope">
        {scope.kind === 'other' ? <code>{scope.text}</code> : scopeWords(scope)}
        {scope.kind === 'other' && !taking && <small>{t('scope.unknown')}</small>}
      </span>
    );
  if (!taking || !mayBeTaken(scope)) return <li class="scope-line">{words}</li>;
  return (
    <li class="scope-line">
      <label class="check">
        <input
          type="checkbox"
          checked={!taking.taken.has(scope.text)}
          onChange={() => taking.toggle(scope.text)}
        />
        {words}
      </label>
    </li>
  );
}

function Group({
  title,
  scopes,
  taking,
}: {
  title: string;
  scopes: readonly Scope[];
  taking: Taking | undefined;
}) {
  if (scopes.length === 0) return null;
  const lines = (
    <ul>
      {scopes.map((scope) => (
        <Line key={scope.text} scope={scope} taking={taking} />
      ))}
    </ul>
  );
  return taking ? (
    <fieldset class="scope-group">
      <legend>{title}</legend>
      {lines}
    </fieldset>
  ) : (
    <div class="scope-group">
      <p class="scope-group__title">{title}</p>
      {lines}
    </div>
  );
}

/** Words say the same of several (openid, fhirUser): once is enough. */
function once(scopes: readonly Scope[]): Scope[] {
  const said = new Set<string>();
  return scopes.filter((scope) => {
    const words = scopeWords(scope);
    return !said.has(words) && said.add(words);
  });
}

export function ScopeList({ scopes, taking }: { scopes: readonly string[]; taking?: Taking }) {
  const all = [...new Set(scopes)].map(parseScope);
  const others = once(all.filter(({ kind }) => kind !== 'data'));
  return (
    <div class="scope-list">
      {order.map((whose) => (
        <Group
          key={whose}
          title={t(`scope.whose.${whose}`)}
          scopes={all.filter((scope) => scope.kind === 'data' && scope.whose === whose)}
          taking={taking}
        />
      ))}
      <Group title={t('scope.others')} scopes={others} taking={taking} />
    </div>
  );
}
