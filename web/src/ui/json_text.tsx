// JSON with its lines numbered. The numbers are drawn, not written: they are neither copied nor read.
import { useMemo } from 'preact/hooks';
import { writeJson, type Json } from '../record/json';
import { t } from '../words';
import { CopyButton } from './copy_button';

export function JsonText({ json, text }: { json: Json; text: string }) {
  const lines = useMemo(() => writeJson(json).split('\n'), [json]);
  return (
    <details class="json">
      <summary>{t('record.json', { n: lines.length })}</summary>
      <CopyButton text={text} />
      <pre tabIndex={0} role="region" aria-label="JSON">
        {lines.map((line, i) => (
          <span key={i} class="json__line">
            {`${line}\n`}
          </span>
        ))}
      </pre>
    </details>
  );
}
