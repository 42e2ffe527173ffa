import { asHex, asText, fromBase64 } from '../vital/raw_bytes';
import { t } from '../words';
import './raw_bytes.css';

export function RawBytes({ base64 }: { base64: string }) {
  const bytes = fromBase64(base64);
  const text = asText(bytes);
  return (
    <div class="raw">
      {text !== null && (
        <section>
          <h3>{t('quarantine.as_text')}</h3>
          <pre tabIndex={0} role="region" aria-label={t('quarantine.as_text')}>
            {text}
          </pre>
        </section>
      )}
      <section>
        <h3>{t('quarantine.as_hex')}</h3>
        <pre tabIndex={0} role="region" aria-label={t('quarantine.as_hex')}>
          {asHex(bytes)
            .map((row) => `${row.offset}  ${row.hex.padEnd(47)}  ${row.text}`)
            .join('\n')}
        </pre>
      </section>
    </div>
  );
}
