import { useSignal } from '@preact/signals';
import { addPasskey, beginPasskey, removePasskey, type Proof } from '../api/calls';
import type { ApiErrorBody, OwnAccount, OwnPasskey } from '../api/shapes';
import { freshly } from '../state/freshly';
import { createPasskey, passkeyDeclined, passkeysWork } from '../state/passkey';
import { localDateTime } from '../vital/format';
import { locale, t } from '../words';
import { messageOf } from './error_text';
import { Field, onSubmit, Outcome, textOf } from './form';
import { ProofDialog } from './proof_dialog';
import { RecoveryCodes } from './recovery_codes';

type Doing =
  | { what: 'nothing' }
  | { what: 'prove'; then: (proof: Proof) => Promise<ApiErrorBody | null> }
  | { what: 'codes'; codes: string[] };

const nothing: Doing = { what: 'nothing' };
const dateOf = (time: string) => localDateTime(Date.parse(time), locale.value);

function PasskeyItem({ passkey, onRemove }: { passkey: OwnPasskey; onRemove: () => void }) {
  const { name, registered, used } = passkey;
  return (
    <li class="passkey">
      <span>
        <strong>{name}</strong>
        <small class="quiet">
          {t('passkey.registered', { date: dateOf(registered) })},{' '}
          {used ? t('passkey.used', { date: dateOf(used) }) : t('passkey.unused')}
        </small>
      </span>
      <button onClick={onRemove} aria-label={t('passkey.remove_of', { name })}>
        {t('factor.remove')}
      </button>
    </li>
  );
}

export function PasskeysSection({
  account,
  onChanged,
}: {
  account: OwnAccount;
  onChanged: () => void;
}) {
  const doing = useSignal<Doing>(nothing);
  const outcome = useSignal<string | null>(null);
  const factor = account.second_factor;
  const hasFactor = factor.totp !== null || factor.passkeys.length > 0;

  const register = async (name: string, proof: Proof): Promise<ApiErrorBody | null> => {
    const options = await freshly(() => beginPasskey(proof));
    if (!options.ok) return options.error;
    const created = await createPasskey(options.body);
    if (!created) return passkeyDeclined;
    const added = await addPasskey(name, created);
    if (!added.ok) return added.error;
    const codes = added.body.recovery_codes;
    doing.value = codes.length > 0 ? { what: 'codes', codes } : nothing;
    outcome.value = t('passkey.added', { name });
    if (codes.length === 0) onChanged();
    return null;
  };
  const add = async (form: FormData) => {
    const name = textOf(form, 'name');
    outcome.value = null;
    if (hasFactor) {
      doing.value = { what: 'prove', then: (proof) => register(name, proof) };
      return true;
    }
    const error = await register(name, {});
    if (error) outcome.value = messageOf(error);
    return !error;
  };
  const remove = ({ id, name }: OwnPasskey) => {
    outcome.value = null;
    doing.value = {
      what: 'prove',
      then: async (proof) => {
        const answer = await freshly(() => removePasskey(id, proof));
        if (!answer.ok) return answer.error;
        doing.value = nothing;
        outcome.value = t('passkey.removed', { name });
        onChanged();
        return null;
      },
    };
  };
  const finish = () => {
    doing.value = nothing;
    onChanged();
  };
  const now = doing.value;
  if (now.what === 'codes')
    return (
      <section class="card">
        <RecoveryCodes codes={now.codes} done={t('factor.codes_done')} onDone={finish} />
      </section>
    );
  return (
    <section class="card" aria-labelledby="passkeys">
      <h2 id="passkeys">{t('passkey.title')}</h2>
      <p class="quiet">{t('passkey.lead')}</p>
      {factor.passkeys.length > 0 ? (
        <ul class="passkeys">
          {factor.passkeys.map((passkey) => (
            <PasskeyItem key={passkey.id} passkey={passkey} onRemove={() => remove(passkey)} />
          ))}
        </ul>
      ) : (
        <p>{t('passkey.none')}</p>
      )}
      {passkeysWork() ? (
        <form class="fields" onSubmit={onSubmit(add)}>
          <Field label={t('passkey.name')} hint={t('passkey.name_hint')}>
            <input name="name" required maxLength={80} autocomplete="off" />
          </Field>
          <button class="primary">{t('passkey.add')}</button>
        </form>
      ) : (
        <p class="quiet">{t('passkey.not_here')}</p>
      )}
      <Outcome text={outcome.value} />
      {now.what === 'prove' && (
        <ProofDialog
          factor={factor}
          onProof={now.then}
          onClose={() => {
            if (doing.value.what === 'prove') doing.value = nothing;
          }}
        />
      )}
    </section>
  );
}
