// What to look for in the record: a type of resource, and as many criteria as one likes.
import { useSignal } from '@preact/signals';
import type { TargetedEvent } from 'preact';
import { useId } from 'preact/hooks';
import {
  criteriaOf,
  parameterOf,
  queryOf,
  type Capability,
  type Criterion,
  type SearchParameter,
} from '../record/search_question';
import { t, tOr } from '../words';

function CriterionFields({
  criterion,
  parameters,
  onChange,
  onRemove,
}: {
  criterion: Criterion;
  parameters: readonly SearchParameter[];
  onChange: (criterion: Criterion) => void;
  onRemove: () => void;
}) {
  const hint = useId();
  const { name, value } = criterion;
  const known = parameters.find((one) => one.name === parameterOf(name));
  const isListed = parameters.some((one) => one.name === name);
  return (
    <div class="criterion">
      <select
        aria-label={t('record.search.by')}
        value={name}
        onChange={(event) => onChange({ name: event.currentTarget.value, value })}
      >
        {/* With a modifier or a chain, as an address may have it. */}
        {!isListed && <option value={name}>{name}</option>}
        {parameters.map((one) => (
          <option key={one.name} value={one.name}>
            {one.name}
          </option>
        ))}
      </select>
      <input
        aria-label={t('record.search.value', { name })}
        aria-describedby={hint}
        value={value}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => onChange({ name, value: event.currentTarget.value })}
      />
      <button
        type="button"
        class="plain"
        onClick={onRemove}
        aria-label={t('record.search.remove', { name })}
      >
        ×
      </button>
      <small id={hint} class="quiet">
        {tOr(`record.help.${known?.type ?? 'string'}`, '')}
      </small>
    </div>
  );
}

const firstOf = (parameters: readonly SearchParameter[]): string =>
  (parameters.find(({ name }) => !name.startsWith('_')) ?? parameters[0])?.name ?? '_id';

export function RecordSearch({
  capability,
  type,
  query,
  onType,
  onSearch,
}: {
  capability: Capability;
  type: string | null;
  /** Given a new key with each new question, so that it begins with what is asked. */
  query: string;
  onType: (type: string) => void;
  onSearch: (query: string) => void;
}) {
  const parameters = (type === null ? undefined : capability.types.get(type)) ?? [];
  const blank = (): Criterion => ({ name: firstOf(parameters), value: '' });
  const asked = criteriaOf(query);
  const criteria = useSignal<Criterion[]>(asked.length > 0 ? asked : [blank()]);
  const set = (i: number, with_: Criterion[]) =>
    (criteria.value = criteria.value.toSpliced(i, 1, ...with_));
  const submit = (event: TargetedEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSearch(queryOf(criteria.value));
  };
  return (
    <form class="record-search card" role="search" onSubmit={submit}>
      <label class="field">
        <span>{t('record.type')}</span>
        <select value={type ?? ''} onChange={(event) => onType(event.currentTarget.value)}>
          <option value="" disabled>
            {t('record.choose_type')}
          </option>
          {type !== null && !capability.types.has(type) && <option value={type}>{type}</option>}
          {[...capability.types.keys()].map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {type !== null && (
        <>
          {criteria.value.map((criterion, i) => (
            <CriterionFields
              key={i}
              criterion={criterion}
              parameters={parameters}
              onChange={(changed) => set(i, [changed])}
              onRemove={() => set(i, [])}
            />
          ))}
          <div class="actions">
            <button type="button" onClick={() => (criteria.value = [...criteria.value, blank()])}>
              {t('record.search.add')}
            </button>
            <button class="primary">{t('record.search.submit')}</button>
          </div>
        </>
      )}
    </form>
  );
}
