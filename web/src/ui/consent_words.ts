// A Consent in sentences: who may or may not do what, with which data, what for, until when. The names
// that the patient's page knows stand before those that the resource gives itself.
import {
  actorKey,
  within,
  type Actor,
  type Coded,
  type Consent,
  type Named,
  type Names,
  type Part,
  type Rule,
  type Span,
} from '../record/consents';
import { localMoment } from '../record/elements';
import { confidentiality, sensitivity } from '../record/labels';
import { once } from '../vital/format';
import { languageInUse, locale, t, tOr } from '../words';

export interface Sentence {
  /** Null: a rule that has no words here. */
  text: string | null;
  exceptions: Sentence[];
}

const and = once((tag) => new Intl.ListFormat(tag, { type: 'conjunction' }));
const or = once((tag) => new Intl.ListFormat(tag, { type: 'disjunction' }));
const either = (words: readonly string[]) => or(languageInUse.value).format(words);
const quoted = (words: readonly string[]) =>
  either(words.map((text) => t('consents.quoted', { text })));

export function labelText({ system, code, display }: Coded): string {
  const isOurs = system === sensitivity || system === confidentiality;
  return isOurs ? tOr(`label.${code}`, display ?? code) : (display ?? code);
}

const codedText = ({ code, display }: Coded) => display ?? code;
const kindText = ({ code, display }: Coded) => tOr(`scope.type.${code}`, display ?? code);
const purposeText = ({ code, display }: Coded) => tOr(`purpose.${code}`, display ?? code);

/** A name that the Consent alone gives could be anybody's: who is meant stands beside it. */
const nameOf = (actor: Actor, names: Names): string =>
  names.get(actorKey(actor)) ??
  (actor.display === null ? actor.value : `${actor.display} (${actor.value})`);

export function actorText(actor: Actor, names: Names): string {
  const { kind, value } = actor;
  switch (kind) {
    case 'role':
      return tOr(`consents.role.${value}`, value);
    case 'unit':
      return t('consents.unit', { unit: value });
    case 'account':
      return nameOf(actor, names);
    case 'reference':
      return value.startsWith('CareTeam/') ? t('consents.care_team') : nameOf(actor, names);
  }
}

/** Of several, or of all in a role, the verb has another form. */
const isMany = (actors: readonly Actor[]) => actors.length > 1 || actors[0]?.kind === 'role';

const whoText = (actors: readonly Actor[], names: Names): string =>
  and(languageInUse.value).format(actors.map((actor) => actorText(actor, names)));

const namedText = ({ meaning, reference, display }: Named): string =>
  t(`consents.data.${meaning}`, { name: display ?? reference });

const moment = (text: string) => localMoment(text, locale.value);

function spanText({ start, end }: Span): string {
  if (start === null) return end === null ? '' : t('consents.until', { end: moment(end) });
  return end === null
    ? t('consents.from', { start: moment(start) })
    : t('consents.from_until', { start: moment(start), end: moment(end) });
}

/** What narrows the data, each to be met. */
function limits(rule: Rule): string[] {
  const { kinds, labels, codes, data, dataSpan } = rule;
  return [
    kinds.length > 0 && t('consents.of_kind', { kinds: quoted(kinds.map(kindText)) }),
    labels.length > 0 && t('consents.labelled', { labels: quoted(labels.map(labelText)) }),
    codes.length > 0 && t('consents.coded', { codes: quoted(codes.map(codedText)) }),
    dataSpan && t('consents.of_time', { span: spanText(dataSpan) }),
    data.length > 0 && t('consents.named', { data: either(data.map(namedText)) }),
  ].filter((text) => typeof text === 'string');
}

function whatText(rule: Rule): string {
  const to = rule.type === 'permit' ? 'permit' : rule.actors.length > 0 ? 'deny' : 'nobody';
  const narrowed = limits(rule);
  if (narrowed.length === 0) return t(`consents.all.${to}`);
  return t(`consents.some.${to}`, { limits: narrowed.join('') });
}

const actText = ({ system, code, display }: Coded, what: string): string =>
  system.endsWith('/consentaction') && isAct(code)
    ? t(`consents.act.${code}`, { what })
    : t('consents.act.other', { what, act: display ?? code });

const acts = ['collect', 'access', 'use', 'disclose', 'correct'] as const;
const isAct = (code: string): code is (typeof acts)[number] => acts.some((known) => known === code);

function actsText({ actions, type }: Rule, what: string): string {
  if (actions.length === 0) return t('consents.act.access', { what });
  const format = type === 'deny' ? or : and;
  return format(languageInUse.value).format(actions.map((action) => actText(action, what)));
}

/** Only whom it is about: "except Dr Okafor" says it all. */
const isBare = (part: Part): part is Rule =>
  part !== 'unread' &&
  part.actors.length > 0 &&
  limits(part).length + part.actions.length + part.purposes.length + part.exceptions.length === 0 &&
  part.span === null;

/** ", except Dr Okafor." where that is all that its exceptions say. */
function endingOf({ type, exceptions }: Rule, names: Names): { ending: string; isWhole: boolean } {
  if (exceptions.length === 0) return { ending: t('consents.full_stop'), isWhole: true };
  const bare = exceptions.filter(isBare).filter((one) => one.type !== type);
  if (bare.length < exceptions.length)
    return { ending: t('consents.except_these'), isWhole: false };
  const who = whoText(
    bare.flatMap((one) => one.actors),
    names,
  );
  return { ending: t('consents.except', { who }), isWhole: true };
}

function sentence(part: Part, names: Names): Sentence {
  if (part === 'unread') return { text: null, exceptions: [] };
  const { type, actors, purposes, exceptions, span } = part;
  const { ending, isWhole } = endingOf(part, names);
  const key = actors.length > 0 ? type : type === 'deny' ? 'nobody' : 'anyone';
  const text = t(`consents.says.${key}`, {
    who: whoText(actors, names),
    n: isMany(actors) ? 2 : 1,
    acts: actsText(part, whatText(part)),
    purpose:
      purposes.length > 0 ? t('consents.for', { purposes: either(purposes.map(purposeText)) }) : '',
    span: span === null ? '' : `, ${spanText(span)}`,
    ending,
  });
  const inner = isWhole ? [] : exceptions;
  return {
    text: text.charAt(0).toLocaleUpperCase(locale.value) + text.slice(1),
    exceptions: inner.map((one) => sentence(within(one, part), names)),
  };
}

const research: Coded = { system: '', code: 'HRESCH', display: null };

/** What it says, a sentence for each rule; none where it has no rules. */
export function sentencesOf({ parts, isResearch }: Consent, names: Names): Sentence[] {
  const about = (part: Part): Part =>
    part === 'unread' || part.purposes.length > 0 || !isResearch
      ? part
      : { ...part, purposes: [research] };
  return parts.map((part) => sentence(about(part), names));
}
