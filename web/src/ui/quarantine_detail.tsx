import { useEffect, useRef } from 'preact/hooks';
import type { Patient, QuarantineDetail, QuarantineItem } from '../api/shapes';
import { may } from '../state/me';
import type { Fetched } from '../state/fetched';
import { localDateTime } from '../vital/format';
import { unknownDevice, type UnknownDevice } from '../vital/unknown_device';
import { locale, t } from '../words';
import { errorText, sentence } from './error_text';
import { Field, onSubmit, textOf } from './form';
import { RawBytes } from './raw_bytes';
import { RegisterAndReplay, type Registration } from './register_and_replay';
import './origin_panel.css';

interface Props {
  detail: Fetched<QuarantineDetail>;
  patients: readonly Patient[];
  onRegister: (
    item: QuarantineItem,
    device: UnknownDevice,
    registration: Registration,
  ) => Promise<void>;
  onReplay: (id: string) => void;
  onDismiss: (id: string, note: string) => void;
}

function Decide({
  item,
  second,
  onReplay,
  onDismiss,
}: Pick<Props, 'onReplay' | 'onDismiss'> & {
  item: QuarantineDetail;
  /** Something better stands above: nothing here is what one would do first. */
  second: boolean;
}) {
  if (item.state !== 'open')
    return (
      <p class="notice">
        {t('quarantine.decided', {
          who: item.decided_by ?? '–',
          time: item.decided_at ? localDateTime(Date.parse(item.decided_at), locale.value) : '–',
        })}
        {item.note && ` ${item.note}`}
      </p>
    );
  const dismiss = (form: FormData) => {
    onDismiss(item.id, textOf(form, 'note'));
    return Promise.resolve(true);
  };
  return (
    <form class="fields" onSubmit={onSubmit(dismiss)}>
      <Field label={t('quarantine.note')}>
        <input name="note" autocomplete="off" />
      </Field>
      <div class="actions">
        <button>{t('quarantine.dismiss')}</button>
        <button type="button" class={second ? '' : 'primary'} onClick={() => onReplay(item.id)}>
          {t('quarantine.replay')}
        </button>
      </div>
    </form>
  );
}

/** Where the list has given way to its message, the keyboard goes on from here. */
function Heading() {
  const element = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (document.activeElement === document.body) element.current?.focus();
  }, []);
  return (
    <h2 ref={element} tabIndex={-1}>
      {t('quarantine.item')}
    </h2>
  );
}

export function QuarantineDetailCard(props: Props) {
  const { detail, patients, onReplay, onDismiss, onRegister } = props;
  switch (detail.state) {
    case 'none':
      return <p class="empty">{t('quarantine.choose')}</p>;
    case 'loading':
      return <p class="empty">{t('app.loading', { what: t('quarantine.item') })}</p>;
    case 'failed':
      return <p class="notice">{errorText(detail.error)}</p>;
    case 'here': {
      const item = detail.body;
      const stranger = item.state === 'open' ? unknownDevice(item) : null;
      return (
        <section class="card" aria-label={t('quarantine.item')}>
          <Heading key={item.id} />
          <p>
            <span lang="en">{sentence(item.reason.message)}</span>{' '}
            {item.reason.place && <code>{item.reason.place}</code>}
          </p>
          <dl class="origin__lines">
            <dt>{t('quarantine.column.from')}</dt>
            <dd>{item.sender}</dd>
            <dt>{t('quarantine.column.topic')}</dt>
            <dd>
              <code>{item.topic}</code>
            </dd>
            <dt>{t('origin.type')}</dt>
            <dd>{item.content_type || '–'}</dd>
          </dl>
          <RawBytes base64={item.bytes} />
          {stranger && may('devices', 'a') && (
            <RegisterAndReplay
              key={item.id}
              device={stranger}
              patients={patients}
              onRegister={(registration) => onRegister(item, stranger, registration)}
            />
          )}
          <Decide
            item={item}
            second={stranger !== null}
            onReplay={onReplay}
            onDismiss={onDismiss}
          />
        </section>
      );
    }
  }
}
