// What a what-if asks: of whom, over what time, with which limits, and what really happened meanwhile.
import { useSignal, type Signal } from '@preact/signals';
import { fieldTime, timeOfField } from '../alarm/duties';
import { settingNames } from '../alarm/profile_view';
import { bedDaysMax } from '../alarm/what_if_sum';
import type { AgeClass } from '../api/alarm_shapes';
import { readProfile } from '../api/profile_calls';
import type { UnitLimit } from '../api/profile_shapes';
import type { Patient } from '../api/shapes';
import type { LimitChange, ReferenceEvent, WhatIfQuestion } from '../api/what_if_shapes';
import { useFetched } from '../state/fetched';
import { now } from '../state/watch';
import { localMinute, localNumber } from '../vital/format';
import { locale, t } from '../words';
import { whatIfWords as w } from '../words/what_if';
import { conditionWords } from './alarm_words';
import { Dialog } from './dialog';
import { errorText } from './error_text';
import { Field, onSubmit, Outcome, textOf } from './form';
import { LimitFields, wishOf } from './limit_fields';
import { changeText } from './setting_words';

const dayMs = 86_400_000;
const offered = [1, 7, 14, 31] as const;
const ageClasses: readonly AgeClass[] = ['adult', 'paediatric', 'neonate'];

interface Change {
  limit: UnitLimit;
  wish: LimitChange;
}

function textOfChange({ limit, wish }: Change): string {
  const list = settingNames.flatMap((name) => {
    const to = wish[name];
    return to === undefined ? [] : [changeText({ name, from: limit[name], to }, limit.unit_shown)];
  });
  return w('changed', { condition: conditionWords(limit), list: list.join('; ') });
}

/** What has been chosen, each with the way to take it off again. */
function Taken({ texts, onDrop }: { texts: readonly string[]; onDrop: (place: number) => void }) {
  return (
    <ul class="what-if__taken">
      {texts.map((text, place) => (
        <li key={text}>
          <span>{text}</span>
          <button
            type="button"
            aria-label={w('take_off_of', { change: text })}
            onClick={() => onDrop(place)}
          >
            {w('take_off')}
          </button>
        </li>
      ))}
    </ul>
  );
}

const without = <T,>(all: readonly T[], place: number): T[] => all.filter((_, i) => i !== place);

function ChangeDialog({
  limit,
  onTaken,
  onClose,
}: {
  limit: UnitLimit;
  onTaken: (wish: LimitChange) => void;
  onClose: () => void;
}) {
  const trouble = useSignal<string | null>(null);
  const submit = (form: FormData) => {
    const wish = wishOf(limit, form);
    const isNone = Object.keys(wish).length === 0;
    trouble.value = isNone ? w('no_change') : null;
    if (!isNone) onTaken({ condition: limit.condition, ...wish });
    return Promise.resolve(!isNone);
  };
  return (
    <Dialog title={w('change_title')} onClose={onClose}>
      <form class="fields" onSubmit={onSubmit(submit)}>
        <h3>{conditionWords(limit)}</h3>
        <LimitFields limit={limit} />
        <Outcome text={trouble.value} />
        <div class="actions">
          <button type="button" onClick={onClose}>
            {t('app.cancel')}
          </button>
          <button class="primary">{w('change_do')}</button>
        </div>
      </form>
    </Dialog>
  );
}

function Changes({ unit, changes }: { unit: string; changes: Signal<Change[]> }) {
  const ageClass = useSignal<AgeClass>('adult');
  const chosen = useSignal<UnitLimit | null>(null);
  const fetched = useFetched({
    key: `${unit} ${ageClass.value}`,
    ask: (signal) => readProfile(unit, ageClass.value, signal),
  }).value;
  const limits = fetched.state === 'here' ? fetched.body.limits : [];
  return (
    <fieldset class="what-if__part">
      <legend>{w('changes')}</legend>
      {changes.value.length === 0 && <p class="quiet">{w('changes_none')}</p>}
      <Taken
        texts={changes.value.map(textOfChange)}
        onDrop={(place) => (changes.value = without(changes.value, place))}
      />
      {fetched.state === 'failed' && <p role="alert">{errorText(fetched.error)}</p>}
      <div class="what-if__pair">
        <Field label={w('change')}>
          <select
            value=""
            onChange={({ currentTarget }) => {
              const { value } = currentTarget;
              chosen.value = limits.find(({ condition }) => condition === value) ?? null;
              currentTarget.value = '';
            }}
          >
            <option value="">{w('change_which')}</option>
            {limits.map((limit) => (
              <option key={limit.condition} value={limit.condition}>
                {conditionWords(limit)}
              </option>
            ))}
          </select>
        </Field>
        <Field label={w('age_class')} hint={w('age_class_hint')}>
          <select
            value={ageClass.value}
            onChange={(event) => (ageClass.value = event.currentTarget.value as AgeClass)}
          >
            {ageClasses.map((one) => (
              <option key={one} value={one}>
                {t(`age_class.${one}`)}
              </option>
            ))}
          </select>
        </Field>
      </div>
      {chosen.value && (
        <ChangeDialog
          limit={chosen.value}
          onClose={() => (chosen.value = null)}
          onTaken={(wish) => {
            const limit = chosen.value;
            const others = changes.value.filter((one) => one.wish.condition !== wish.condition);
            if (limit) changes.value = [...others, { limit, wish }];
            chosen.value = null;
          }}
        />
      )}
    </fieldset>
  );
}

function Events({
  patients,
  names,
  events,
}: {
  patients: readonly Patient[];
  names: ReadonlyMap<string, string>;
  events: Signal<ReferenceEvent[]>;
}) {
  const kind = useSignal('');
  const patient = useSignal(patients[0]?.id ?? '');
  const from = useSignal(fieldTime(now.peek() - 3_600_000));
  const to = useSignal(fieldTime(now.peek() - 3_000_000));
  const trouble = useSignal<string | null>(null);
  const add = () => {
    const [begin, end] = [timeOfField(from.value), timeOfField(to.value)];
    const isRight = begin !== null && end !== null && begin < end;
    trouble.value = isRight ? null : w('event.wrong');
    if (!isRight) return;
    const event = { patient: patient.value, kind: kind.value.trim(), from: begin, to: end };
    events.value = [...events.value, event];
    kind.value = '';
  };
  const minute = (time: string) => localMinute(Date.parse(time), locale.value);
  const text = (one: ReferenceEvent) =>
    w('event.of', {
      kind: one.kind,
      patient: names.get(one.patient) ?? one.patient,
      from: minute(one.from),
      to: minute(one.to),
    });
  const time = (label: string, value: Signal<string>) => (
    <Field label={label}>
      <input
        type="datetime-local"
        value={value.value}
        onInput={(event) => (value.value = event.currentTarget.value)}
      />
    </Field>
  );
  return (
    <details class="what-if__part">
      <summary>{w('events')}</summary>
      <p class="quiet">{w('events_lead')}</p>
      <Taken
        texts={events.value.map(text)}
        onDrop={(place) => (events.value = without(events.value, place))}
      />
      <div class="what-if__pair">
        <Field label={w('event.kind')}>
          <input
            value={kind.value}
            autoComplete="off"
            onInput={(event) => (kind.value = event.currentTarget.value)}
          />
        </Field>
        <Field label={w('event.patient')}>
          <select
            value={patient.value}
            onChange={(event) => (patient.value = event.currentTarget.value)}
          >
            {patients.map(({ id }) => (
              <option key={id} value={id}>
                {names.get(id)}
              </option>
            ))}
          </select>
        </Field>
        {time(w('event.from'), from)}
        {time(w('event.to'), to)}
      </div>
      <Outcome text={trouble.value} />
      <button type="button" disabled={kind.value.trim() === ''} onClick={add}>
        {w('event.add')}
      </button>
    </details>
  );
}

function Whom({
  patients,
  names,
  chosen,
}: {
  patients: readonly Patient[];
  names: ReadonlyMap<string, string>;
  /** Null: all of the unit. */
  chosen: Signal<string[] | null>;
}) {
  const ids = chosen.value;
  const toggle = (id: string) =>
    (chosen.value = ids?.includes(id) ? ids.filter((one) => one !== id) : [...(ids ?? []), id]);
  return (
    <fieldset class="what-if__choices">
      <legend>{w('whom')}</legend>
      {[false, true].map((isSome) => (
        <label key={String(isSome)} class="check">
          <input
            type="radio"
            name="whom"
            checked={(ids !== null) === isSome}
            onChange={() => (chosen.value = isSome ? [] : null)}
          />
          {w(isSome ? 'whom.some' : 'whom.all')}
        </label>
      ))}
      {ids !== null && (
        <div class="what-if__patients">
          {patients.map(({ id }) => (
            <label key={id} class="check">
              <input type="checkbox" checked={ids.includes(id)} onChange={() => toggle(id)} />
              {names.get(id)}
            </label>
          ))}
        </div>
      )}
    </fieldset>
  );
}

export function WhatIfForm({
  units,
  patients,
  names,
  onAsk,
}: {
  units: readonly string[];
  patients: readonly Patient[];
  names: ReadonlyMap<string, string>;
  /** Of how many it will tell. */
  onAsk: (question: WhatIfQuestion, patients: number) => void;
}) {
  const unit = useSignal(units[0] ?? '');
  const chosen = useSignal<string[] | null>(null);
  const changes = useSignal<Change[]>([]);
  const events = useSignal<ReferenceEvent[]>([]);
  const trouble = useSignal<string | null>(null);
  const here = patients.filter((one) => one.unit === unit.value);
  const submit = (form: FormData) => {
    const days = Number(textOf(form, 'days'));
    const ids = chosen.peek();
    const count = ids?.length ?? here.length;
    trouble.value = null;
    if (changes.peek().length === 0) trouble.value = w('no_limits');
    else if (ids?.length === 0) trouble.value = w('no_patients');
    else if (count * days > bedDaysMax)
      trouble.value = w('too_long', {
        most: localNumber(bedDaysMax, locale.value),
        n: localNumber(count * days, locale.value),
      });
    if (trouble.value === null) {
      const toMs = now.peek();
      const asked = ids ?? here.map(({ id }) => id);
      const happened = events.peek().filter(({ patient }) => asked.includes(patient));
      onAsk(
        {
          ...(ids ? { patients: ids } : { unit: unit.peek() }),
          from: new Date(toMs - days * dayMs).toISOString(),
          to: new Date(toMs).toISOString(),
          limits: changes.peek().map(({ wish }) => wish),
          ...(happened.length > 0 ? { events: happened } : {}),
        },
        count,
      );
    }
    return Promise.resolve(false);
  };
  const move = (to: string) => {
    unit.value = to;
    chosen.value = null;
    changes.value = [];
    events.value = [];
  };
  return (
    <form class="card what-if" aria-labelledby="question" onSubmit={onSubmit(submit)}>
      <h2 id="question">{w('question')}</h2>
      <div class="what-if__pair">
        <Field label={w('unit')}>
          <select value={unit.value} onChange={(event) => move(event.currentTarget.value)}>
            {units.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </Field>
        <Field label={w('span')}>
          <select name="days">
            {offered.map((n) => (
              <option key={n} value={n}>
                {w('days', { n })}
              </option>
            ))}
          </select>
        </Field>
      </div>
      <Whom patients={here} names={names} chosen={chosen} />
      <Changes unit={unit.value} changes={changes} />
      <Events key={unit.value} patients={here} names={names} events={events} />
      <Outcome text={trouble.value} />
      <div class="actions">
        <button class="primary">{w('ask')}</button>
      </div>
    </form>
  );
}
