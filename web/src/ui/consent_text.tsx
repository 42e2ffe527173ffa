// What a Consent says: its sentences, and below each what is excepted from it.
import type { Sentence } from './consent_words';
import { t } from '../words';

export function ConsentText({ sentences }: { sentences: readonly Sentence[] }) {
  if (sentences.length === 0) return <p class="quiet">{t('consents.ruleless')}</p>;
  return (
    <>
      {sentences.map(({ text, exceptions }, i) => (
        <div key={i} class="agreed-text">
          <p class={text === null ? 'quiet' : undefined}>{text ?? t('consents.unread')}</p>
          {exceptions.length > 0 && (
            <div class="agreed-text__exceptions">
              <ConsentText sentences={exceptions} />
            </div>
          )}
        </div>
      ))}
    </>
  );
}
