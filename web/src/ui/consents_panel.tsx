// What a patient agreed to, in plain sentences: for those who care for them, and for the patient, who adds
// to it and withdraws it.
import { useSignal } from '@preact/signals';
import type { Me } from '../api/access_shapes';
import type { Patient } from '../api/shapes';
import { hasUnread, standing, type Consent, type Names } from '../record/consents';
import { readPatientConsents, withdrawConsent, type PatientConsents } from '../state/consents';
import { useFetched } from '../state/fetched';
import { loadMe, mayDo } from '../state/me';
import { hrefOf, recordRoute } from '../state/route';
import { now } from '../state/watch';
import { localDate, localMinute } from '../vital/format';
import { locale, t } from '../words';
import { AddConsentDialog } from './add_consent_dialog';
import { ConfirmDialog } from './confirm_dialog';
import { ConsentText } from './consent_text';
import { sentencesOf } from './consent_words';
import { errorText } from './error_text';
import { Outcome } from './form';
import './consents_panel.css';
import './relations_panel.css';

/** To the minute is enough. */
function given(time: string): string {
  const ms = time.includes('T') ? Date.parse(time) : Number.NaN;
  return Number.isNaN(ms) ? localDate(time, locale.value) : localMinute(ms, locale.value);
}

function factsOf(consent: Consent, nowMs: number): string {
  const { since, policy } = consent;
  return [
    t(`consents.standing.${standing(consent, nowMs)}`),
    since && t('consents.since', { time: given(since) }),
    policy,
  ]
    .filter(Boolean)
    .join(' · ');
}

export function ConsentEntry({
  consent,
  names,
  nowMs,
  onWithdraw,
}: {
  consent: Consent;
  names: Names;
  nowMs: number;
  /** Null: whoever looks may not. */
  onWithdraw: (() => void) | null;
}) {
  const sentences = sentencesOf(consent, names);
  const label = t('consents.withdraw_of', { text: sentences[0]?.text ?? t('consents.ruleless') });
  return (
    <li class="agreed" data-holds={standing(consent, nowMs) === 'now'}>
      <div>
        <ConsentText sentences={sentences} />
        {hasUnread(consent) && (
          <p>
            {t('consents.has_unread')}{' '}
            <a href={hrefOf(recordRoute({ type: 'Consent', id: consent.id }))}>
              {t('consents.see')}
            </a>
          </p>
        )}
        <div class="agreed__foot">
          <p class="quiet">{factsOf(consent, nowMs)}</p>
          {onWithdraw && (
            <button onClick={onWithdraw} aria-label={label}>
              {t('consents.withdraw')}
            </button>
          )}
        </div>
      </div>
    </li>
  );
}

function Entries({
  of: { consents, more, names },
  fhirId,
  isMine,
  onWithdraw,
}: {
  of: PatientConsents;
  fhirId: string;
  isMine: boolean;
  onWithdraw: ((consent: Consent) => void) | null;
}) {
  const nowMs = now.value;
  const stands = (consent: Consent) => ['now', 'later'].includes(standing(consent, nowMs));
  const held = consents.filter(stands);
  const earlier = consents.filter((consent) => !stands(consent));
  const entry = (consent: Consent, withdraws: boolean) => (
    <ConsentEntry
      key={consent.id}
      consent={consent}
      names={names}
      nowMs={nowMs}
      onWithdraw={withdraws && onWithdraw ? () => onWithdraw(consent) : null}
    />
  );
  return (
    <>
      {held.length === 0 && (
        <p class="quiet">{t(isMine ? 'consents.none_mine' : 'consents.none')}</p>
      )}
      <ul>{held.map((consent) => entry(consent, true))}</ul>
      {earlier.length > 0 && (
        <details>
          <summary>{t('consents.earlier', { n: earlier.length })}</summary>
          <ul>{earlier.map((consent) => entry(consent, false))}</ul>
        </details>
      )}
      {more && (
        <p>
          {t('consents.more')}{' '}
          <a href={hrefOf(recordRoute({ type: 'Consent', query: `patient=${fhirId}` }))}>
            {t('consents.see')}
          </a>
        </p>
      )}
    </>
  );
}

export function ConsentsPanel({
  patient,
  fhirId,
  me,
}: {
  patient: Patient;
  fhirId: string;
  me: Me;
}) {
  const turn = useSignal(0);
  const adding = useSignal(false);
  const withdrawing = useSignal<Consent | null>(null);
  const outcome = useSignal<string | null>(null);
  const fetched = useFetched({
    key: `${fhirId} ${turn.value}`,
    ask: (signal) => readPatientConsents(patient.id, fhirId, signal),
  }).value;
  const isMine = me.relations.some((one) => one.kind === 'self' && one.patient === patient.id);
  const mayWrite = mayDo(me, 'consents', 'w');
  const changed = (said: string) => {
    adding.value = false;
    withdrawing.value = null;
    outcome.value = said;
    turn.value += 1;
    // Whoever wrote it may be one of those whom it shuts out.
    void loadMe();
  };
  const withdraw = async (consent: Consent) => {
    const answer = await withdrawConsent(consent);
    if (answer.ok) changed(t('consents.withdrawn'));
    else if (answer.status === 412) changed(t('consents.conflict'));
    else return errorText(answer.error);
    return null;
  };
  const read = fetched.state === 'here' ? fetched.body : null;
  const going = withdrawing.value;
  return (
    <section class="relations agreements" aria-labelledby="consents-title">
      <header class="origin__head">
        <h2 id="consents-title">{t(isMine ? 'consents.mine' : 'consents.title')}</h2>
        {mayWrite && read && (
          <button onClick={() => (adding.value = true)}>{t('consents.add')}</button>
        )}
      </header>
      <p class="quiet">{t(isMine ? 'consents.means_mine' : 'consents.means')}</p>
      <Outcome text={outcome.value} />
      {fetched.state === 'failed' && <p class="notice">{errorText(fetched.error)}</p>}
      {read && (
        <Entries
          of={read}
          fhirId={fhirId}
          isMine={isMine}
          onWithdraw={mayWrite ? (consent) => (withdrawing.value = consent) : null}
        />
      )}
      {adding.value && read && (
        <AddConsentDialog
          patient={patient}
          fhirId={fhirId}
          isMine={isMine}
          of={read}
          onAdded={() => changed(t('consents.kept'))}
          onClose={() => (adding.value = false)}
        />
      )}
      {going && (
        <ConfirmDialog
          title={t('consents.withdraw_title')}
          act={t('consents.withdraw_now')}
          onConfirm={() => withdraw(going)}
          onClose={() => (withdrawing.value = null)}
        >
          <div class="agreed-reads">
            <ConsentText sentences={sentencesOf(going, read?.names ?? new Map())} />
          </div>
          <p>{t('consents.withdraw_means')}</p>
        </ConfirmDialog>
      )}
    </section>
  );
}
