// The rights of the person whose data it is (GDPR 15 to 20): administrators carry them out, the patient
// downloads what is theirs.
import { useSignal } from '@preact/signals';
import type { Me } from '../api/access_shapes';
import type { Answer } from '../api/http';
import {
  certificateHref,
  endStanding,
  erasePatient,
  everythingHref,
  readPrivacy,
  setStanding,
  type Certificate,
  type Privacy,
  type Standing,
} from '../api/privacy_calls';
import type { Patient } from '../api/shapes';
import { useFetched } from '../state/fetched';
import { freshly } from '../state/freshly';
import { mayDo } from '../state/me';
import { localMinute } from '../vital/format';
import { locale, t } from '../words';
import { Dialog } from './dialog';
import { errorText } from './error_text';
import { Field, onSubmit, Outcome, textOf } from './form';
import './relations_panel.css';

type Kind = 'hold' | 'restriction';

const minute = (time: string) => localMinute(Date.parse(time), locale.value);

function ReasonDialog({
  title,
  means,
  onGiven,
  onClose,
}: {
  title: string;
  means: string;
  onGiven: (reason: string) => Promise<string | null>;
  onClose: () => void;
}) {
  const trouble = useSignal<string | null>(null);
  const submit = async (form: FormData) => {
    trouble.value = await onGiven(textOf(form, 'reason'));
    return false;
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="fields" onSubmit={onSubmit(submit)}>
        <p>{means}</p>
        <Field label={t('privacy.reason')} hint={t('privacy.reason_hint')}>
          <input name="reason" required autoFocus autocomplete="off" maxLength={900} />
        </Field>
        <Outcome text={trouble.value} />
        <div class="actions">
          <button type="button" onClick={onClose}>
            {t('app.cancel')}
          </button>
          <button class="primary">{title}</button>
        </div>
      </form>
    </Dialog>
  );
}

function EraseDialog({
  patient,
  onErased,
  onClose,
}: {
  patient: Patient;
  onErased: (certificate: Certificate) => void;
  onClose: () => void;
}) {
  const trouble = useSignal<string | null>(null);
  const typed = useSignal('');
  const wanted = patient.identifier ?? patient.id;
  const submit = async (form: FormData) => {
    const asked = { reason: textOf(form, 'reason'), identifier: textOf(form, 'identifier') };
    const answer = await freshly(() => erasePatient(patient.id, asked));
    trouble.value = answer.ok ? null : errorText(answer.error);
    if (answer.ok) onErased(answer.body);
    return false;
  };
  return (
    <Dialog title={t('privacy.erase_title')} onClose={onClose}>
      <form class="fields" onSubmit={onSubmit(submit)}>
        <p>{t('privacy.erase_means')}</p>
        <Field label={t('privacy.reason')} hint={t('privacy.erase_reason_hint')}>
          <input name="reason" required autoFocus autocomplete="off" maxLength={900} />
        </Field>
        <Field label={t('privacy.identifier', { identifier: wanted })}>
          <input
            name="identifier"
            required
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            onInput={(event) => (typed.value = event.currentTarget.value.trim())}
          />
        </Field>
        <Outcome text={trouble.value} />
        <div class="actions">
          <button type="button" onClick={onClose}>
            {t('app.cancel')}
          </button>
          <button class="primary" disabled={typed.value !== wanted}>
            {t('privacy.erase_now')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Stands({
  kind,
  standing,
  onSet,
  onEnd,
}: {
  kind: Kind;
  standing: Standing | null;
  onSet: () => void;
  onEnd: () => void;
}) {
  const isHold = kind === 'hold';
  if (standing === null)
    return (
      <li>
        <p class="quiet">{t(isHold ? 'privacy.hold_means' : 'privacy.restrict_means')}</p>
        <button onClick={onSet}>{t(isHold ? 'privacy.hold' : 'privacy.restrict')}</button>
      </li>
    );
  const { since, by, reason } = standing;
  return (
    <li>
      <p>
        {t(isHold ? 'privacy.held' : 'privacy.restricted', { since: minute(since), by, reason })}
      </p>
      <button onClick={onEnd}>{t(isHold ? 'privacy.release' : 'privacy.lift')}</button>
    </li>
  );
}

function Desk({ patient, onErased }: { patient: Patient; onErased: (of: Certificate) => void }) {
  const turn = useSignal(0);
  const asking = useSignal<Kind | 'erasure' | null>(null);
  const trouble = useSignal<string | null>(null);
  const fetched = useFetched({
    key: `${patient.id} ${turn.value}`,
    ask: (signal) => readPrivacy(patient.id, signal),
  }).value;
  const done = (answer: Answer<Privacy>) => {
    if (answer.ok) turn.value += 1;
    return answer.ok ? null : errorText(answer.error);
  };
  const set = async (kind: Kind, reason: string) => {
    const failed = done(await freshly(() => setStanding(patient.id, kind, reason)));
    if (failed === null) asking.value = null;
    return failed;
  };
  const end = async (kind: Kind) => {
    trouble.value = done(await freshly(() => endStanding(patient.id, kind)));
  };
  const close = () => (asking.value = null);
  const asked = asking.value;
  if (fetched.state === 'failed') return <p class="notice">{errorText(fetched.error)}</p>;
  if (fetched.state !== 'here') return null;
  return (
    <>
      <ul>
        {(['hold', 'restriction'] as const).map((kind) => (
          <Stands
            key={kind}
            kind={kind}
            standing={fetched.body[kind]}
            onSet={() => (asking.value = kind)}
            onEnd={() => void end(kind)}
          />
        ))}
        <li>
          <p class="quiet">{t('privacy.erase_means')}</p>
          <button disabled={fetched.body.hold !== null} onClick={() => (asking.value = 'erasure')}>
            {t('privacy.erase')}
          </button>
        </li>
      </ul>
      <Outcome text={trouble.value} />
      {(asked === 'hold' || asked === 'restriction') && (
        <ReasonDialog
          title={t(asked === 'hold' ? 'privacy.hold' : 'privacy.restrict')}
          means={t(asked === 'hold' ? 'privacy.hold_means' : 'privacy.restrict_means')}
          onGiven={(reason) => set(asked, reason)}
          onClose={close}
        />
      )}
      {asked === 'erasure' && <EraseDialog patient={patient} onErased={onErased} onClose={close} />}
    </>
  );
}

/** That it is restricted, for the patient themselves. */
function Restricted({ patient }: { patient: string }) {
  const fetched = useFetched({ key: patient, ask: (signal) => readPrivacy(patient, signal) }).value;
  const standing = fetched.state === 'here' ? fetched.body.restriction : null;
  if (standing === null) return null;
  const { since, by, reason } = standing;
  return <p>{t('privacy.restricted', { since: minute(since), by, reason })}</p>;
}

export function PrivacyPanel({ patient, me }: { patient: Patient; me: Me }) {
  const erased = useSignal<Certificate | null>(null);
  const isMine = me.relations.some((one) => one.kind === 'self' && one.patient === patient.id);
  const isDesk = mayDo(me, 'patients', 'a');
  if (!isMine && !isDesk) return null;
  const certificate = erased.value;
  return (
    <section class="relations" aria-labelledby="privacy-title">
      <h2 id="privacy-title">{t(isMine ? 'privacy.mine' : 'privacy.title')}</h2>
      {certificate ? (
        <div role="status">
          <p>{t('privacy.erased')}</p>
          <p class="quiet">
            {t('privacy.erased_means', { until: minute(certificate.last_key_copy_expires) })}
          </p>
          <a href={certificateHref(certificate.patient)} download>
            {t('privacy.certificate')}
          </a>
        </div>
      ) : (
        <>
          <p class="quiet">{t('privacy.download_means')}</p>
          <p>
            <a href={everythingHref(patient.id)} download>
              {t('privacy.download')}
            </a>
          </p>
          {!isDesk && <Restricted patient={patient.id} />}
          {isDesk && <Desk patient={patient} onErased={(of) => (erased.value = of)} />}
        </>
      )}
    </section>
  );
}
