// A patient's smart conditions: what is set, by whom and why; one more, another text, or none.
import { useSignal } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import { faultIn, type RuleFault } from '../alarm/rule_text';
import { priorities } from '../alarm/standing';
import type { Priority } from '../api/alarm_shapes';
import type { Answer } from '../api/http';
import { addRule, changeRule, readRules, removeRule } from '../api/rule_calls';
import type { Rule, Rules } from '../api/rule_shapes';
import type { ApiErrorBody } from '../api/shapes';
import { useFetched } from '../state/fetched';
import { may } from '../state/me';
import { localMinute } from '../vital/format';
import { locale, t } from '../words';
import { ruleWords as r } from '../words/rules';
import { AlarmMark } from './alarm_mark';
import { Dialog } from './dialog';
import { errorText } from './error_text';
import { Field, onSubmit, Outcome, textOf } from './form';
import { RuleTrial } from './rule_trial';
import { Table, type Column } from './table';
import './rules_dialog.css';

/** Of docs/guides/alarm-rules.md. */
const examples = [
  'SpO2 < 92 % for 30 s and RR < 10',
  'HR rising 20 over 10 min and MAP falling 10 over 1 h',
  '(HR > 110 and TEMP > 38.3) for 5 min',
  'spo2 < 88 % for 20 s while spo2_signal_quality >= 50',
] as const;

type Doing =
  | { what: 'list' }
  | { what: 'add' }
  | { what: 'change'; rule: Rule }
  | { what: 'remove'; rule: Rule };

function columns(act: ((doing: Doing) => void) | null): Column<Rule>[] {
  const all: Column<Rule>[] = [
    { title: r('column.name'), names: true, wraps: true, cell: ({ name }) => name },
    { title: r('column.text'), wraps: true, cell: ({ text }) => <code>{text}</code> },
    {
      title: r('column.priority'),
      cell: ({ priority, latching }) => (
        <>
          <AlarmMark priority={priority} /> {latching && r('latching')}
        </>
      ),
    },
    {
      title: r('column.set'),
      wraps: true,
      cell: ({ by, since, reason }) => (
        <>
          {r('set_by', { who: by, time: localMinute(Date.parse(since), locale.value) })}
          <small class="table__aside">{reason}</small>
        </>
      ),
    },
  ];
  if (!act) return all;
  const acts = (rule: Rule) => (
    <span class="table__pair">
      <button
        aria-label={r('change_of', { name: rule.name })}
        onClick={() => act({ what: 'change', rule })}
      >
        {r('change')}
      </button>
      <button
        aria-label={r('remove_of', { name: rule.name })}
        onClick={() => act({ what: 'remove', rule })}
      >
        {r('remove')}
      </button>
    </span>
  );
  return [...all, { title: r('column.acts'), cell: acts }];
}

/** The text again, with the fault marked in it. */
function Fault({ fault, id }: { fault: RuleFault; id: string }) {
  const { before, at, after, why } = fault;
  return (
    <div class="rule-fault notice" role="alert" id={id}>
      <p>{r('fault', { n: Array.from(before).length + 1, why })}</p>
      <pre aria-hidden="true">
        {before}
        <mark>{at === '' ? ' ' : at}</mark>
        {after}
      </pre>
    </div>
  );
}

function Reason() {
  return (
    <Field label={r('reason')} hint={r('reason_hint')}>
      <input name="reason" required maxLength={250} autoComplete="off" />
    </Field>
  );
}

function Actions({ label, onCancel }: { label: string; onCancel: () => void }) {
  return (
    <div class="actions">
      <button type="button" onClick={onCancel}>
        {t('app.cancel')}
      </button>
      <button class="primary">{label}</button>
    </div>
  );
}

interface EditorProps {
  patient: string;
  /** Null: a new one. */
  rule: Rule | null;
  /** Null: left as it is. */
  onDone: (rules: Rules | null) => void;
}

function Editor({ patient, rule, onDone }: EditorProps) {
  const text = useSignal(rule?.text ?? '');
  const refused = useSignal<{ error: ApiErrorBody; text: string } | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const ids = useId();
  const refuse = (error: ApiErrorBody | null) => {
    refused.value = error && { error, text: text.peek() };
    const fault = error && faultIn(text.peek(), error);
    if (!fault || !field.current) return;
    field.current.focus();
    field.current.setSelectionRange(fault.before.length, fault.before.length + fault.at.length);
  };
  const submit = async (form: FormData) => {
    const wish = {
      name: textOf(form, 'name'),
      text: text.peek(),
      priority: textOf(form, 'priority') as Priority,
      latching: form.has('latching'),
      reason: textOf(form, 'reason'),
    };
    const answer = await (rule ? changeRule(patient, rule.id, wish) : addRule(patient, wish));
    refuse(answer.ok ? null : answer.error);
    if (answer.ok) onDone(answer.body);
    return false;
  };
  // What was wrong with another text says nothing of this one.
  const now = refused.value?.text === text.value ? refused.value.error : null;
  const fault = now && faultIn(text.value, now);
  return (
    <form class="fields" onSubmit={onSubmit(submit)}>
      <h3>{rule ? r('change_of', { name: rule.name }) : r('add')}</h3>
      <Field label={r('name')} hint={r('name_hint')}>
        <input name="name" required defaultValue={rule?.name ?? ''} autoComplete="off" />
      </Field>
      <div class="field">
        <label>
          <span>{r('text')}</span>
          <textarea
            ref={field}
            class="rule-text"
            required
            rows={2}
            spellcheck={false}
            value={text.value}
            aria-invalid={fault !== null}
            aria-describedby={`${ids}-hint${fault ? ` ${ids}-fault` : ''}`}
            onInput={(event) => (text.value = event.currentTarget.value)}
          />
        </label>
        <small id={`${ids}-hint`}>{r('text_hint')}</small>
      </div>
      {fault && <Fault fault={fault} id={`${ids}-fault`} />}
      <details class="rule-examples">
        <summary>{r('examples')}</summary>
        <ul>
          {examples.map((one) => (
            <li key={one}>
              <button
                type="button"
                class="plain"
                aria-label={r('example_of', { text: one })}
                onClick={() => (text.value = one)}
              >
                <code>{one}</code>
              </button>
            </li>
          ))}
        </ul>
      </details>
      <RuleTrial patient={patient} text={text.value} onRefused={refuse} />
      <Field label={r('priority')}>
        <select name="priority">
          {priorities.map((priority) => (
            <option
              key={priority}
              value={priority}
              selected={priority === (rule?.priority ?? 'medium')}
            >
              {t(`alarm.${priority}`)}
            </option>
          ))}
        </select>
      </Field>
      <label class="check">
        <input type="checkbox" name="latching" defaultChecked={rule?.latching ?? false} />
        {r('is_latching')}
      </label>
      <Reason />
      <Outcome text={now && !fault ? errorText(now) : null} />
      <Actions label={r('do')} onCancel={() => onDone(null)} />
    </form>
  );
}

function Remover({ patient, rule, onDone }: EditorProps & { rule: Rule }) {
  const trouble = useSignal<string | null>(null);
  const submit = async (form: FormData) => {
    const answer: Answer<Rules> = await removeRule(patient, rule.id, textOf(form, 'reason'));
    trouble.value = answer.ok ? null : errorText(answer.error);
    if (answer.ok) onDone(answer.body);
    return answer.ok;
  };
  return (
    <form class="fields" onSubmit={onSubmit(submit)}>
      <h3>{r('remove_of', { name: rule.name })}</h3>
      <p>
        <code>{rule.text}</code>
      </p>
      <Reason />
      <Outcome text={trouble.value} />
      <Actions label={r('remove')} onCancel={() => onDone(null)} />
    </form>
  );
}

function List({ rules, onDo }: { rules: readonly Rule[]; onDo: ((doing: Doing) => void) | null }) {
  return (
    <>
      <p class="quiet">{r('lead')}</p>
      {rules.length === 0 ? (
        <p>{r('none')}</p>
      ) : (
        <Table caption={r('title')} columns={columns(onDo)} rows={rules} keyOf={({ id }) => id} />
      )}
      {onDo && (
        <div class="actions">
          <button onClick={() => onDo({ what: 'add' })}>{r('add')}</button>
        </div>
      )}
    </>
  );
}

export function RulesDialog({ patient, onClose }: { patient: string; onClose: () => void }) {
  const fetched = useFetched({ key: patient, ask: (signal) => readRules(patient, signal) }).value;
  const newer = useSignal<Rules | null>(null);
  const doing = useSignal<Doing>({ what: 'list' });
  const known = newer.value ?? (fetched.state === 'here' ? fetched.body : null);
  const at = doing.value;
  const done = (after: Rules | null) => {
    if (after) newer.value = after;
    doing.value = { what: 'list' };
  };
  const about = { patient, onDone: done };
  return (
    <div class="rules-dialog">
      <Dialog title={r('title')} onClose={onClose}>
        {fetched.state === 'failed' && <p role="alert">{errorText(fetched.error)}</p>}
        {!known && fetched.state !== 'failed' && (
          <p role="status">{t('app.loading', { what: r('title') })}</p>
        )}
        {known && at.what === 'list' && (
          <List
            rules={known.rules}
            onDo={may('vitals', 'w') ? (next) => (doing.value = next) : null}
          />
        )}
        {at.what === 'add' && <Editor {...about} rule={null} />}
        {at.what === 'change' && <Editor {...about} rule={at.rule} />}
        {at.what === 'remove' && <Remover {...about} rule={at.rule} />}
      </Dialog>
    </div>
  );
}
