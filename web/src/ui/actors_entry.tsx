// Whom something is agreed about: people, units, roles; as many as one likes.
import type { Signal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { roleTable } from '../access/roles';
import { personOf } from '../record/consent_wish';
import { actorKey, type Actor, type Names } from '../record/consents';
import { t } from '../words';

const kinds = ['person', 'unit', 'role'] as const;
type Kind = (typeof kinds)[number];

/** One that is being typed. */
export interface Typed {
  /** Stays, whatever is typed. */
  key: number;
  kind: Kind;
  text: string;
}

export const firstTyped: Typed = { key: 0, kind: 'person', text: '' };

/** Null: nothing is said yet. */
export function actorsTyped(typed: readonly Typed[], names: Names): Actor[] | null {
  const actors = typed.map(({ kind, text }): Actor => {
    const value = text.trim();
    const actor = kind === 'person' ? personOf(value) : { kind, value, display: null };
    return { ...actor, display: names.get(actorKey(actor)) ?? null };
  });
  return actors.every(({ value }) => value !== '') ? actors : null;
}

/** Whose roles look into records at all, but for the patient's own. */
const roles = roleTable.roles.filter(({ role }) => role !== 'patient').map(({ role }) => role);

function Value({
  one,
  lists,
  onText,
}: {
  one: Typed;
  lists: Record<'person' | 'unit', string>;
  onText: (text: string) => void;
}) {
  const { kind, text } = one;
  if (kind === 'role')
    return (
      <select
        aria-label={t('consents.who.role_name')}
        value={text}
        onChange={(event) => onText(event.currentTarget.value)}
      >
        {roles.map((role) => (
          <option key={role} value={role}>
            {t(`consents.role.${role}`)}
          </option>
        ))}
      </select>
    );
  return (
    <input
      aria-label={t(kind === 'unit' ? 'consents.who.unit_name' : 'consents.who.person_name')}
      aria-describedby={kind === 'person' ? `${lists.person}-hint` : undefined}
      list={lists[kind]}
      value={text}
      required
      maxLength={100}
      autocomplete="off"
      autocapitalize="none"
      spellcheck={false}
      onInput={(event) => onText(event.currentTarget.value)}
    />
  );
}

export function ActorsEntry({
  label,
  typed,
  names,
  units,
}: {
  label: string;
  typed: Signal<readonly Typed[]>;
  /** Those who are known here, to choose from. */
  names: Names;
  units: readonly string[];
}) {
  const id = useId();
  const lists = { person: `${id}-people`, unit: `${id}-units` };
  const all = typed.value;
  const put = (key: number, change: Partial<Typed>) =>
    (typed.value = all.map((one) => (one.key === key ? { ...one, ...change } : one)));
  const people = [...names].map(([key, name]) => ({ value: key.replace(/^\w+ /, ''), name }));
  return (
    <fieldset class="actors">
      <legend>{label}</legend>
      {all.map((one) => (
        <div key={one.key} class="actors__one">
          <select
            aria-label={t('consents.who.kind')}
            value={one.kind}
            onChange={(event) => {
              const kind = event.currentTarget.value as Kind;
              put(one.key, { kind, text: kind === 'role' ? 'nurse' : '' });
            }}
          >
            {kinds.map((kind) => (
              <option key={kind} value={kind}>
                {t(`consents.who.${kind}`)}
              </option>
            ))}
          </select>
          <Value one={one} lists={lists} onText={(text) => put(one.key, { text })} />
          {all.length > 1 && (
            <button
              type="button"
              class="plain"
              aria-label={t('consents.who.remove', { who: one.text || '…' })}
              onClick={() => (typed.value = all.filter(({ key }) => key !== one.key))}
            >
              ×
            </button>
          )}
        </div>
      ))}
      <small id={`${lists.person}-hint`}>{t('consents.who.person_hint')}</small>
      <button
        type="button"
        onClick={() => (typed.value = [...all, { ...firstTyped, key: 1 + (all.at(-1)?.key ?? 0) }])}
      >
        {t('consents.who.more')}
      </button>
      <datalist id={lists.person}>
        {people.map(({ value, name }) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </datalist>
      <datalist id={lists.unit}>
        {units.map((unit) => (
          <option key={unit} value={unit} />
        ))}
      </datalist>
    </fieldset>
  );
}
