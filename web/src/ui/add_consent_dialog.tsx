// Puts on record what a patient wishes: the common wishes, each shown as it will read before it is kept.
import { useSignal, type Signal } from '@preact/signals';
import type { Patient } from '../api/shapes';
import {
  commonKinds,
  consentOf,
  shutsOutCare,
  wishKinds,
  type What,
  type Wish,
  type WishKind,
} from '../record/consent_wish';
import { readConsent } from '../record/consents';
import { objectOf, readJson } from '../record/json';
import { sensitiveCodes, type SensitiveCode } from '../record/labels';
import { addConsent, type PatientConsents } from '../state/consents';
import { now, ward } from '../state/watch';
import { t, tOr } from '../words';
import { ActorsEntry, actorsTyped, firstTyped, type Typed } from './actors_entry';
import { ConsentText } from './consent_text';
import { sentencesOf } from './consent_words';
import { Dialog } from './dialog';
import { errorText } from './error_text';
import { Field, onSubmit, Outcome } from './form';

/** All that may be filled in, whatever of it the wish takes. */
interface Draft {
  kind: WishKind;
  of: What['of'];
  code: SensitiveCode;
  type: string;
  allowed: boolean;
  observations: boolean;
  until: string;
  policy: string;
}

const firstDraft: Draft = {
  ...{ kind: 'keep', of: 'everything', code: 'HIV', type: 'Observation' },
  ...{ allowed: true, observations: false, until: '', policy: '' },
};

function whatOf({ of, code, type }: Draft): What {
  switch (of) {
    case 'everything':
      return { of };
    case 'label':
      return { of, code };
    case 'kind':
      return { of, type };
  }
}

/** Null: it does not say yet about whom. */
function wishOf(draft: Draft, actors: ReturnType<typeof actorsTyped>): Wish | null {
  const { kind, code, allowed, observations } = draft;
  switch (kind) {
    case 'keep':
      return actors && { kind, from: actors, what: whatOf(draft) };
    case 'only':
      return actors && { kind, to: actors };
    case 'show':
      return actors && { kind, to: actors, code };
    case 'research': {
      const what: What = observations ? { of: 'kind', type: 'Observation' } : { of: 'everything' };
      return { kind, allowed, what };
    }
    case 'within':
      return { kind };
  }
}

interface FieldsProps {
  draft: Signal<Draft>;
}

const put = (draft: Signal<Draft>, change: Partial<Draft>) =>
  (draft.value = { ...draft.value, ...change });

const Wishes = ({ draft }: FieldsProps) => (
  <fieldset class="wishes">
    <legend>{t('consents.wish')}</legend>
    {wishKinds.map((kind) => (
      <label key={kind} class="check">
        <input
          type="radio"
          name="wish"
          checked={draft.value.kind === kind}
          onChange={() => put(draft, { kind })}
        />
        {t(`consents.wish.${kind}`)}
      </label>
    ))}
  </fieldset>
);

const LabelField = ({ draft }: FieldsProps) => (
  <Field label={t('consents.what.label_name')}>
    <select
      value={draft.value.code}
      onChange={(event) => put(draft, { code: event.currentTarget.value as SensitiveCode })}
    >
      {sensitiveCodes.map((code) => (
        <option key={code} value={code}>
          {t(`label.${code}`)}
        </option>
      ))}
    </select>
  </Field>
);

const WhatFields = ({ draft }: FieldsProps) => (
  <>
    <Field label={t('consents.what')}>
      <select
        value={draft.value.of}
        onChange={(event) => put(draft, { of: event.currentTarget.value as What['of'] })}
      >
        {(['everything', 'label', 'kind'] as const).map((of) => (
          <option key={of} value={of}>
            {t(`consents.what.${of}`)}
          </option>
        ))}
      </select>
    </Field>
    {draft.value.of === 'label' && <LabelField draft={draft} />}
    {draft.value.of === 'kind' && (
      <Field label={t('consents.what.kind')}>
        <select
          value={draft.value.type}
          onChange={(event) => put(draft, { type: event.currentTarget.value })}
        >
          {commonKinds.map((type) => (
            <option key={type} value={type}>
              {tOr(`scope.type.${type}`, type)}
            </option>
          ))}
        </select>
      </Field>
    )}
  </>
);

function ResearchFields({ draft, isMine }: FieldsProps & { isMine: boolean }) {
  const { allowed, observations } = draft.value;
  const yes = t(isMine ? 'consents.research.yes' : 'consents.research.yes_staff');
  return (
    <fieldset class="wishes">
      <legend>{t('consents.wish.research')}</legend>
      {[true, false].map((choice) => (
        <label key={String(choice)} class="check">
          <input
            type="radio"
            name="allowed"
            checked={allowed === choice}
            onChange={() => put(draft, { allowed: choice })}
          />
          {choice ? yes : t('consents.research.no')}
        </label>
      ))}
      {allowed && (
        <label class="check">
          <input
            type="checkbox"
            checked={observations}
            onChange={(event) => put(draft, { observations: event.currentTarget.checked })}
          />
          {t('consents.research.observations')}
        </label>
      )}
    </fieldset>
  );
}

/** How long, and, where somebody else writes it, what the patient signed. */
const AlwaysFields = ({ draft, isMine }: FieldsProps & { isMine: boolean }) => (
  <>
    <Field label={t('consents.until_label')} hint={t('consents.until_hint')}>
      <input
        type="date"
        min={new Date(now.peek()).toISOString().slice(0, 10)}
        value={draft.value.until}
        onInput={(event) => put(draft, { until: event.currentTarget.value })}
      />
    </Field>
    {!isMine && (
      <Field label={t('consents.policy')} hint={t('consents.policy_hint')}>
        <input
          required
          maxLength={200}
          autocomplete="off"
          value={draft.value.policy}
          onInput={(event) => put(draft, { policy: event.currentTarget.value })}
        />
      </Field>
    )}
  </>
);

function Reads({
  consent,
  names,
  warning,
}: {
  consent: object | null;
  names: PatientConsents['names'];
  warning: string | null;
}) {
  const read = consent && objectOf(readJson(JSON.stringify(consent)));
  return (
    <div class="agreed-reads" role="status">
      <h3>{t('consents.reads')}</h3>
      {read ? (
        <ConsentText sentences={sentencesOf(readConsent(read), names)} />
      ) : (
        <p class="quiet">{t('consents.incomplete')}</p>
      )}
      {warning !== null && (
        <p class="notice">
          <strong aria-hidden="true">! </strong>
          {warning}
        </p>
      )}
      <p class="quiet">{t('consents.emergency')}</p>
    </div>
  );
}

export function AddConsentDialog({
  patient,
  fhirId,
  isMine,
  of: { names, careTeam },
  onAdded,
  onClose,
}: {
  patient: Patient;
  fhirId: string;
  isMine: boolean;
  of: PatientConsents;
  onAdded: () => void;
  onClose: () => void;
}) {
  const draft = useSignal<Draft>(firstDraft);
  const typed = useSignal<readonly Typed[]>([firstTyped]);
  const trouble = useSignal<string | null>(null);
  const { kind, until, policy } = draft.value;
  const unit = patient.unit ?? '';
  const wish = wishOf(draft.value, actorsTyped(typed.value, names));
  const consent =
    wish &&
    consentOf(wish, {
      patient: fhirId,
      isOwn: isMine,
      policy: isMine ? t('consents.policy_own') : policy.trim(),
      time: new Date(now.value).toISOString(),
      until,
    });
  const shutsOut = wish !== null && shutsOutCare(wish, unit, careTeam);
  const units = new Set([unit, ...(ward.beds.value ?? []).map((bed) => bed.unit)]);
  const add = async () => {
    if (consent === null) return false;
    const answer = await addConsent(consent);
    trouble.value = answer.ok ? null : errorText(answer.error);
    if (answer.ok) onAdded();
    return false;
  };
  return (
    <Dialog title={t('consents.add_title')} onClose={onClose}>
      <form class="fields" onSubmit={onSubmit(add)}>
        <Wishes draft={draft} />
        {(kind === 'keep' || kind === 'only' || kind === 'show') && (
          <ActorsEntry
            label={t(`consents.who.${kind}`)}
            typed={typed}
            names={names}
            units={[...units].filter(Boolean)}
          />
        )}
        {kind === 'keep' && <WhatFields draft={draft} />}
        {kind === 'show' && <LabelField draft={draft} />}
        {kind === 'research' && <ResearchFields draft={draft} isMine={isMine} />}
        <AlwaysFields draft={draft} isMine={isMine} />
        <Reads
          consent={consent}
          names={names}
          warning={shutsOut ? t(isMine ? 'consents.shuts_out_mine' : 'consents.shuts_out') : null}
        />
        <Outcome text={trouble.value} />
        <div class="actions">
          <button type="button" onClick={onClose}>
            {t('app.cancel')}
          </button>
          <button class="primary">{t(isMine ? 'consents.keep' : 'consents.keep_staff')}</button>
        </div>
      </form>
    </Dialog>
  );
}
