import { useSignal } from '@preact/signals';
import { beginTotp, newRecoveryCodes, removeTotp, type Proof } from '../api/calls';
import type { ApiErrorBody, OwnAccount, TotpEnrolment } from '../api/shapes';
import { freshly } from '../state/freshly';
import { localDateTime } from '../vital/format';
import { locale, t } from '../words';
import { messageOf } from './error_text';
import { Outcome } from './form';
import { ProofDialog } from './proof_dialog';
import { RecoveryCodes } from './recovery_codes';
import { TotpSetUp } from './totp_set_up';

/** What of it is being done. */
type Doing =
  | { what: 'nothing' }
  | { what: 'ask'; then: (proof: Proof) => Promise<ApiErrorBody | null> }
  | { what: 'set_up'; enrolment: TotpEnrolment }
  | { what: 'codes'; codes: string[] };

const nothing: Doing = { what: 'nothing' };

export function FactorSection({
  account,
  onChanged,
}: {
  account: OwnAccount;
  onChanged: () => void;
}) {
  const doing = useSignal<Doing>(nothing);
  const outcome = useSignal<string | null>(null);
  const { asked, totp, passkeys, recovery_codes_left: left } = account.second_factor;
  const hasFactor = totp !== null || passkeys.length > 0;

  const begin = async (proof: Proof) => {
    const answer = await freshly(() => beginTotp(proof));
    if (!answer.ok) return answer.error;
    doing.value = { what: 'set_up', enrolment: answer.body };
    return null;
  };
  const renew = async (proof: Proof) => {
    const answer = await freshly(() => newRecoveryCodes(proof));
    if (!answer.ok) return answer.error;
    doing.value = { what: 'codes', codes: answer.body.recovery_codes };
    return null;
  };
  const remove = async (proof: Proof) => {
    const answer = await freshly(() => removeTotp(proof));
    if (!answer.ok) return answer.error;
    doing.value = nothing;
    outcome.value = t('factor.removed');
    onChanged();
    return null;
  };
  const first = async () => {
    const error = await begin({});
    outcome.value = error && messageOf(error);
  };
  const ask = (then: (proof: Proof) => Promise<ApiErrorBody | null>) => {
    outcome.value = null;
    doing.value = { what: 'ask', then };
  };
  /** A dialog says that it is closed also when something else has taken its place. */
  const stopAsking = () => {
    if (doing.value.what === 'ask') doing.value = nothing;
  };
  const finish = () => {
    doing.value = nothing;
    onChanged();
  };
  const now = doing.value;
  return (
    <section class="card" aria-labelledby="factor">
      <h2 id="factor">{t('factor.title')}</h2>
      {now.what === 'set_up' ? (
        <TotpSetUp enrolment={now.enrolment} done={t('factor.codes_done')} onDone={finish} />
      ) : now.what === 'codes' ? (
        <RecoveryCodes codes={now.codes} done={t('factor.codes_done')} onDone={finish} />
      ) : hasFactor ? (
        <>
          <p>
            {totp &&
              t('factor.since', {
                date: localDateTime(Date.parse(totp.registered), locale.value),
              })}{' '}
            {t('factor.codes_left', { n: left })}
          </p>
          <div class="actions">
            {totp && (!asked || passkeys.length > 0) && (
              <button onClick={() => ask(remove)}>{t('factor.remove')}</button>
            )}
            <button onClick={() => ask(renew)}>{t('factor.new_codes')}</button>
            <button onClick={() => ask(begin)}>
              {t(totp ? 'factor.replace' : 'factor.set_up')}
            </button>
          </div>
        </>
      ) : (
        <>
          <p>{t('factor.none')}</p>
          <button class="primary" onClick={() => void first()}>
            {t('factor.set_up')}
          </button>
        </>
      )}
      {asked && <p class="quiet">{t('factor.asked')}</p>}
      <Outcome text={outcome.value} />
      {now.what === 'ask' && (
        <ProofDialog factor={account.second_factor} onProof={now.then} onClose={stopAsking} />
      )}
    </section>
  );
}
