// The elements of a resource, as a list of names and what stands under each.
import { useMemo } from 'preact/hooks';
import { elementsOf, type Element, type Shown } from '../record/elements';
import type { JsonObject } from '../record/json';
import { readReference } from '../record/summary';
import { hrefOf, recordRoute } from '../state/route';
import { locale, t } from '../words';

/** A reference into this record is a way there; what is elsewhere is only named. */
export function ReferenceLink({
  reference,
  text,
  base,
}: {
  reference: string | null;
  text: string;
  base: string | null;
}) {
  const target = reference === null ? null : readReference(reference, base);
  return target ? <a href={hrefOf(recordRoute(target))}>{text}</a> : <>{text}</>;
}

/** The words of a narrative (R4 2.29.1). Its markup came from outside: it is read, not shown. */
function Narrative({ html }: { html: string }) {
  const words = useMemo(
    () =>
      new DOMParser()
        .parseFromString(html, 'text/html')
        .body.textContent.replace(/\s+/g, ' ')
        .trim(),
    [html],
  );
  return <>{words}</>;
}

function Value({ shown, base }: { shown: Shown; base: string | null }) {
  switch (shown.as) {
    case 'text':
      return (
        <>
          {shown.text}
          {shown.aside && <span class="elements__aside"> {shown.aside}</span>}
        </>
      );
    case 'time':
      return <time dateTime={shown.time}>{shown.text}</time>;
    case 'reference':
      return <ReferenceLink reference={shown.reference} text={shown.text} base={base} />;
    case 'narrative':
      return <Narrative html={shown.html} />;
    case 'long':
      return (
        <details>
          <summary>{t('record.long', { n: shown.text.length })}</summary>
          <span class="elements__long">{shown.text}</span>
        </details>
      );
    case 'elements':
      return <Elements elements={shown.elements} base={base} />;
    case 'items':
      return (
        <ol class="elements__items">
          {shown.items.map((item, i) => (
            <li key={i}>
              <Value shown={item} base={base} />
            </li>
          ))}
        </ol>
      );
  }
}

function Elements({ elements, base }: { elements: readonly Element[]; base: string | null }) {
  return (
    <dl class="elements">
      {elements.map(({ name, shown }) => (
        <div
          key={name}
          class="elements__one"
          data-deep={shown.as === 'elements' || shown.as === 'items'}
        >
          <dt>{name}</dt>
          <dd>
            <Value shown={shown} base={base} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function ElementTree({ resource, base }: { resource: JsonObject; base: string | null }) {
  const language = locale.value;
  const elements = useMemo(() => elementsOf(resource, language), [resource, language]);
  return <Elements elements={elements} base={base} />;
}
