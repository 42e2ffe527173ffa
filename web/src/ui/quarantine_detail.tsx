import type { QuarantineDetail } from '../api/shapes';
import type { Fetched } from '../state/fetched';
import { localDateTime } from '../vital/format';
import { locale, t } from '../words';
import { errorText } from './error_text';
import { Field, onSubmit, textOf } from './form';
import { RawBytes } from './raw_bytes';
import './origin_panel.css';

interface Props {
  detail: Fetched<QuarantineDetail>;
  onReplay: (id: string) => void;
  onDismiss: (id: string, note: string) => void;
}

function Decide({ item, onReplay, onDismiss }: Omit<Props, 'detail'> & { item: QuarantineDetail }) {
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
        <button type="button" class="primary" onClick={() => onReplay(item.id)}>
          {t('quarantine.replay')}
        </button>
      </div>
    </form>
  );
}

export function QuarantineDetailCard({ detail, onReplay, onDismiss }: Props) {
  switch (detail.state) {
    case 'none':
      return <p class="empty">{t('quarantine.choose')}</p>;
    case 'loading':
      return <p class="empty">{t('app.loading', { what: t('quarantine.item') })}</p>;
    case 'failed':
      return <p class="notice">{errorText(detail.error)}</p>;
    case 'here': {
      const item = detail.body;
      return (
        <section class="card" aria-label={t('quarantine.item')}>
          <h2>{t('quarantine.item')}</h2>
          <p>
            {item.reason.message} {item.reason.place && <code>{item.reason.place}</code>}
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
          <Decide item={item} onReplay={onReplay} onDismiss={onDismiss} />
        </section>
      );
    }
  }
}
