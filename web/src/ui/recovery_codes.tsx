import { t } from '../words';
import { CopyButton } from './copy_button';

/** Shown once; `onDone` when they are kept elsewhere. */
export function RecoveryCodes({
  codes,
  done,
  onDone,
}: {
  codes: readonly string[];
  done: string;
  onDone: () => void;
}) {
  return (
    <div class="fields">
      <h3>{t('factor.codes_title')}</h3>
      <p class="notice">{t('factor.codes_once')}</p>
      <ul class="recovery-codes" aria-label={t('factor.codes_list')}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div class="actions">
        <CopyButton text={codes.join('\n')} />
        <button class="primary" onClick={onDone}>
          {done}
        </button>
      </div>
    </div>
  );
}
