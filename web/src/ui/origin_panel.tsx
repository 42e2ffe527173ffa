// Where a value comes from: the device, the times, the remarks, the message that brought it.
import type { ComponentChildren } from 'preact';
import type { Metric, RawMessage, Reading } from '../api/shapes';
import type { Fetched } from '../state/fetched';
import { localDateTime, localNumber } from '../vital/format';
import { inConvention, type UnitConvention } from '../vital/units';
import { locale, t } from '../words';
import { errorText } from './error_text';
import { RawBytes } from './raw_bytes';
import './origin_panel.css';

function Line({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

const time = (text: string) => localDateTime(Date.parse(text), locale.value);

/** A whole second is not enough to find a message by: the fraction as the server has it. */
function Exact({ at }: { at: string }) {
  return <time title={at}>{time(at)}</time>;
}

function Message({ message }: { message: Fetched<RawMessage> }) {
  switch (message.state) {
    case 'none':
      return null;
    case 'loading':
      return <p class="quiet">{t('app.loading', { what: t('origin.message_what') })}</p>;
    case 'failed':
      return <p class="notice">{errorText(message.error)}</p>;
    case 'here': {
      const { body } = message;
      return (
        <>
          <dl class="origin__lines">
            <Line name={t('origin.position')}>
              <code>{body.position}</code>
            </Line>
            <Line name={t('origin.topic')}>
              <code>{body.topic}</code>
            </Line>
            <Line name={t('origin.type')}>
              {body.content_type || '–'}, {t('origin.bytes', { n: body.size })}
            </Line>
            {body.sender !== body.device && <Line name={t('origin.gateway')}>{body.sender}</Line>}
          </dl>
          {body.bytes === null ? (
            <p class="notice">
              {t('origin.raw_gone')} <code>{body.sha256}</code>
            </p>
          ) : (
            <RawBytes base64={body.bytes} />
          )}
        </>
      );
    }
  }
}

export function OriginPanel({
  reading,
  metric,
  message,
  convention,
  onClose,
}: {
  reading: Reading;
  metric: Metric | undefined;
  message: Fetched<RawMessage>;
  convention: UnitConvention;
  onClose: () => void;
}) {
  const shown = inConvention(reading, metric, convention);
  const received = Date.parse(reading.receive_time) - Date.parse(reading.filed_time);
  return (
    <section class="origin" aria-labelledby="origin-title">
      <header class="origin__head">
        <h2 id="origin-title">{t('origin.title')}</h2>
        <button class="plain" onClick={onClose}>
          {t('app.close')}
        </button>
      </header>
      <dl class="origin__lines">
        <Line name={t('origin.metric')}>
          <span lang="en">{metric?.display ?? reading.metric}</span>{' '}
          <code>{metric?.mdc_refid}</code>
        </Line>
        <Line name={t('origin.as_sent')}>
          <strong>
            {reading.special ? t(`special.${reading.special}`) : (reading.value ?? '–')}{' '}
            {reading.unit_shown}
          </strong>
        </Line>
        {shown.converted && (
          <Line name={t('origin.shown')}>
            {shown.text} {shown.unit}
          </Line>
        )}
        <Line name={t('origin.device')}>
          {reading.device}
          {reading.channel > 0 && ` · ${t('origin.channel')} ${reading.channel}`}
        </Line>
        <Line name={t('origin.filed')}>
          <Exact at={reading.filed_time} />
        </Line>
        <Line name={t('origin.device_time')}>
          {reading.device_time ? <Exact at={reading.device_time} /> : t('origin.no_device_time')}
        </Line>
        <Line name={t('origin.received')}>
          <Exact at={reading.receive_time} />{' '}
          <span class="quiet">{t('origin.delay', { n: localNumber(received, locale.value) })}</span>
        </Line>
        {reading.status.length > 0 && (
          <Line name={t('origin.remarks')}>
            <ul>
              {reading.status.map((flag) => (
                <li key={flag}>{t(`status.${flag}`)}</li>
              ))}
            </ul>
          </Line>
        )}
      </dl>
      <h3>{t('origin.message')}</h3>
      <Message message={message} />
    </section>
  );
}
