// A patient's alarms: what stands and who has it, what is on record and not signalled, what is paused or off, and
// the limits.
import { useSignal } from '@preact/signals';
import { keyOfPatient, presentation, standingOf } from '../alarm/standing';
import { endInactivation, setAgeClass } from '../api/alarm_calls';
import type { AlarmBed, Inactivation } from '../api/alarm_shapes';
import { doAct, pausing, refusal } from '../state/alarm_acts';
import { alarmBeds, alarmWatching } from '../state/alarm_watch';
import { may } from '../state/me';
import { now } from '../state/watch';
import { t } from '../words';
import { tabWords } from '../words/alarm_tabs';
import { AlarmRow } from './alarm_row';
import { StripButton } from './strip_button';
import { alarmText, inactiveBy, inactiveText, timeText } from './alarm_words';
import { loaded } from './loaded';
import './alarms_panel.css';

const LimitsDialog = loaded(() => import('./limits_dialog').then((it) => it.LimitsDialog));
const RulesDialog = loaded(() => import('./rules_dialog').then((it) => it.RulesDialog));

function Inactive({ one, bed }: { one: Inactivation; bed: AlarmBed }) {
  const isBusy = useSignal(false);
  const what = inactiveText(one, bed);
  const end = async () => {
    isBusy.value = true;
    await doAct(endInactivation(one.id));
    isBusy.value = false;
  };
  return (
    <li class="alarms-panel__inactive">
      <p>
        <strong>{what}</strong> {inactiveBy(one)} <span class="quiet">{one.reason}</span>
      </p>
      {may('vitals', 'w') && (
        <button
          disabled={isBusy.value}
          aria-label={t('inactive.end_of', { what })}
          onClick={() => void end()}
        >
          {t('inactive.end')}
        </button>
      )}
    </li>
  );
}

/** What is recorded and not signalled: by what is paused or off, or as another alarm says more. */
function Suppressed({ bed }: { bed: AlarmBed }) {
  const hidden = bed.alarms.filter((alarm) => !alarm.visual);
  if (hidden.length === 0) return null;
  return (
    <>
      <h3>{t('panel.suppressed')}</h3>
      <ul>
        {hidden.map((alarm) => (
          <li key={alarm.id}>
            {alarmText(alarm)}{' '}
            {alarm.suppressed && (
              <span class="quiet">{t(`panel.suppressed.${alarm.suppressed}`)}</span>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

/** An age that nobody has told: the limits may be the wrong ones. */
function Age({ bed, patient }: { bed: AlarmBed; patient: string }) {
  if (bed.age_confirmed) return null;
  const of = t(`age_class.${bed.age_class}`);
  return (
    <p class="notice">
      {t('panel.age', { class: of })}{' '}
      {may('vitals', 'w') && (
        <button onClick={() => void setAgeClass(patient, bed.age_class).then(refusal)}>
          {t('panel.age_confirm', { class: of })}
        </button>
      )}
    </p>
  );
}

function Watched({ bed, patient }: { bed: AlarmBed; patient: string }) {
  const all = standingOf([bed]);
  const opened = useSignal<'limits' | 'rules' | null>(null);
  const close = () => (opened.value = null);
  return (
    <>
      <Age bed={bed} patient={patient} />
      {bed.unmonitored_since !== null && (
        <p class="notice">{t('panel.unmonitored', { time: timeText(bed.unmonitored_since) })}</p>
      )}
      {all.length === 0 && <p class="quiet">{t('panel.none')}</p>}
      <ol class="alarms-panel__standing">
        {all.map((standing) => (
          <li key={presentation(standing.alarm)}>
            <AlarmRow standing={standing} nowMs={now.value} isOfPage />
            <StripButton
              of={{ patient, atMs: Date.parse(standing.alarm.since), event: standing.alarm }}
              what={alarmText(standing.alarm)}
            />
          </li>
        ))}
      </ol>
      {bed.inactivations.length > 0 && <h3>{t('panel.inactive')}</h3>}
      <ul>
        {bed.inactivations.map((one) => (
          <Inactive key={one.id} one={one} bed={bed} />
        ))}
      </ul>
      <Suppressed bed={bed} />
      <div class="alarms-panel__acts">
        {may('vitals', 'w') && (
          <button onClick={() => (pausing.value = { bed, alarm: null })}>{t('panel.pause')}</button>
        )}
        <button onClick={() => (opened.value = 'limits')}>{t('panel.limits')}</button>
        <button onClick={() => (opened.value = 'rules')}>{tabWords('rules')}</button>
      </div>
      {opened.value === 'limits' && <LimitsDialog patient={patient} onClose={close} />}
      {opened.value === 'rules' && <RulesDialog patient={patient} onClose={close} />}
    </>
  );
}

export function AlarmsPanel({ patient }: { patient: string }) {
  const bed = alarmBeds.value.get(keyOfPatient(patient));
  return (
    <section class="alarms-panel" aria-labelledby="alarms-panel">
      <h2 id="alarms-panel">{t('panel.title')}</h2>
      {bed ? (
        <Watched bed={bed} patient={patient} />
      ) : (
        <p class="quiet">
          {t(alarmWatching.value === 'watching' ? 'panel.not_watched' : 'alarm.beginning')}
        </p>
      )}
    </section>
  );
}
