// An app asks a person for access (SMART App Launch 2.2; RFC 6749 4.1.1): which app, as whom, for which
// patient, what of it; the person takes away what they like, allows or denies, and is sent back.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { answerAddress } from '../access/app_address';
import { mayBeTaken, parseScope } from '../access/scopes';
import { decide, readAsking } from '../api/app_calls';
import type { Asking, Decision } from '../api/app_shapes';
import { readPatient, readPatients } from '../api/calls';
import type { Session } from '../api/shapes';
import { useFetched } from '../state/fetched';
import { signOut } from '../state/session';
import { useSettled } from '../state/settled';
import { errorText } from '../ui/error_text';
import { PatientSearch } from '../ui/patient_search';
import { ScopeList } from '../ui/scope_list';
import { localTimeOfDay } from '../vital/format';
import { locale, t } from '../words';
import './consent_page.css';

/** A name that turns the direction of writing could hide what stands beside it. */
const straight = (name: string) => name.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');

type Answered =
  | { state: 'not yet' }
  | { state: 'sending' }
  | { state: 'refused'; why: string }
  | { state: 'over' }
  | { state: 'sent'; decision: Decision['decision']; leaves: boolean };

/** Where everything was said: the heading is read out, and nothing is pressed by a key that was meant for
 *  the page before. */
function Heading({ text }: { text: string }) {
  const element = useRef<HTMLHeadingElement>(null);
  useEffect(() => element.current?.focus(), []);
  return (
    <h1 ref={element} tabIndex={-1} class="consent__title">
      {text}
    </h1>
  );
}

function Over() {
  return (
    <>
      <Heading text={t('consent.over_title')} />
      <p>{t('consent.over_why')}</p>
      <p>{t('consent.over_how')}</p>
      <p>
        <a class="button" href="/">
          {t('access.home')}
        </a>
      </p>
    </>
  );
}

function WhoAsks({ app }: { app: Asking['app'] }) {
  return (
    <section class="consent__app">
      <p class="consent__name">
        <bdi>{straight(app.name)}</bdi>
      </p>
      <p>
        {t('consent.at', { host: app.redirect_host })}{' '}
        <span class="quiet">{t(`consent.kind.${app.kind}`)}</span>
      </p>
    </section>
  );
}

function AsWhom({ account }: { account: Session['account'] }) {
  const { display_name: name, username } = account;
  return (
    <section class="consent__who">
      <p>{t('consent.as', { name, username })}</p>
      <button onClick={() => void signOut(location.pathname)}>{t('consent.not_you')}</button>
    </section>
  );
}

/** Known before: launched from that patient's page, or the account is theirs. */
function ForOne({ patient: id }: { patient: string }) {
  const fetched = useFetched({ key: id, ask: (signal) => readPatient(id, signal) }).value;
  const name =
    fetched.state === 'here'
      ? fetched.body.patient.display_name
      : t('access.patient_number', { id });
  return <p class="consent__patient">{t('consent.for_one', { patient: name })}</p>;
}

function Choose({ chosen, onChoose }: { chosen: string | null; onChoose: (id: string) => void }) {
  const fetched = useFetched({ key: 'patients', ask: readPatients }).value;
  return (
    <section>
      <h2>{t('consent.for')}</h2>
      {fetched.state === 'here' && (
        <PatientSearch patients={fetched.body.patients} chosen={chosen} onChoose={onChoose} />
      )}
      {fetched.state === 'failed' && <p class="notice">{errorText(fetched.error)}</p>}
      {fetched.state === 'loading' && (
        <p role="status">{t('app.loading', { what: t('patients.title') })}</p>
      )}
    </section>
  );
}

function Refused({ scopes }: { scopes: readonly string[] }) {
  if (scopes.length === 0) return null;
  return (
    <section>
      <h2>{t('consent.refused')}</h2>
      <p class="quiet">{t('consent.refused_why')}</p>
      <ul class="consent__refused">
        {scopes.map((scope) => (
          <li key={scope}>
            <code>{scope}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What stands against allowing it, before the server is asked. */
function missing(asking: Asking, left: readonly string[], chosen: string | null): string | null {
  if (asking.needs_patient && chosen === null) return t('consent.choose_first');
  const had = asking.scopes.map(parseScope).some(mayBeTaken);
  const has = left.map(parseScope).some(({ kind }) => kind === 'data' || kind === 'identity');
  return had && !has ? t('consent.nothing_left') : null;
}

function Question({
  asking,
  account,
  answered,
  onAnswer,
}: {
  asking: Asking;
  account: Session['account'];
  answered: Answered;
  onAnswer: (decision: Decision) => void;
}) {
  const taken = useSignal<ReadonlySet<string>>(new Set());
  const chosen = useSignal<string | null>(null);
  const trouble = useSignal<string | null>(null);
  const settled = useSettled();
  const name = straight(asking.app.name);
  const toggle = (scope: string) => {
    const next = new Set(taken.value);
    if (!next.delete(scope)) next.add(scope);
    taken.value = next;
  };
  const allow = () => {
    const scopes = asking.scopes.filter((scope) => !taken.value.has(scope));
    trouble.value = missing(asking, scopes, chosen.value);
    if (trouble.value !== null) return;
    const patient = asking.needs_patient ? chosen.value : asking.patient;
    onAnswer({ decision: 'allow', scopes, ...(patient === null ? {} : { patient }) });
  };
  const said = answered.state === 'refused' ? answered.why : trouble.value;
  const sending = answered.state === 'sending';
  return (
    <>
      <Heading text={t('consent.title')} />
      <WhoAsks app={asking.app} />
      <AsWhom account={account} />
      {asking.patient !== null && <ForOne patient={asking.patient} />}
      {asking.needs_patient && (
        <Choose chosen={chosen.value} onChoose={(id) => (chosen.value = id)} />
      )}
      <section>
        <h2>{t('consent.wants', { app: name })}</h2>
        <p class="quiet">{t('consent.wants_hint')}</p>
        <ScopeList scopes={asking.scopes} taking={{ taken: taken.value, toggle }} />
      </section>
      <Refused scopes={asking.refused} />
      <p class="quiet">
        {t('consent.until', { time: localTimeOfDay(Date.parse(asking.expires), locale.value) })}
      </p>
      <div role="alert" class="said">
        {said !== null && <p class="notice">{said}</p>}
      </div>
      <div class="actions consent__actions">
        <button disabled={sending} onClick={() => onAnswer({ decision: 'deny' })}>
          {t('consent.deny')}
        </button>
        <button class="primary" disabled={sending || !settled} onClick={allow}>
          {t('consent.allow')}
        </button>
      </div>
    </>
  );
}

function Sent({ app, answered }: { app: string; answered: Answered & { state: 'sent' } }) {
  if (answered.leaves) return <p role="status">{t('consent.going', { app })}</p>;
  return (
    <p role="status">
      {t(answered.decision === 'allow' ? 'consent.gone_allowed' : 'consent.gone_denied', { app })}
    </p>
  );
}

function Body({ id, account }: { id: string; account: Session['account'] }) {
  const fetched = useFetched({ key: id, ask: (signal) => readAsking(id, signal) }).value;
  const answered = useSignal<Answered>({ state: 'not yet' });
  const now = answered.value;
  const answer = async (decision: Decision) => {
    answered.value = { state: 'sending' };
    const outcome = await decide(id, decision);
    if (!outcome.ok) {
      answered.value =
        outcome.status === 404
          ? { state: 'over' }
          : { state: 'refused', why: errorText(outcome.error) };
      return;
    }
    const to = answerAddress(outcome.body.redirect);
    answered.value = to
      ? { state: 'sent', decision: decision.decision, leaves: to.leaves }
      : { state: 'refused', why: t('consent.no_address') };
    if (to) location.assign(to.href);
  };
  if (now.state === 'over') return <Over />;
  switch (fetched.state) {
    case 'here':
      if (now.state === 'sent')
        return <Sent app={straight(fetched.body.app.name)} answered={now} />;
      return (
        <Question
          asking={fetched.body}
          account={account}
          answered={now}
          onAnswer={(decision) => void answer(decision)}
        />
      );
    case 'failed':
      if (fetched.error.kind === 'not_found') return <Over />;
      return (
        <p class="notice" role="alert">
          {errorText(fetched.error)}
        </p>
      );
    default:
      return <p role="status">{t('app.loading', { what: t('consent.what') })}</p>;
  }
}

export function ConsentPage({ id, account }: { id: string; account: Session['account'] }) {
  return (
    <main class="consent">
      <p class="consent__here">{t('app.name')}</p>
      <div class="consent__box">
        <Body key={id} id={id} account={account} />
      </div>
    </main>
  );
}
