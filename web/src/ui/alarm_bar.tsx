// The alarm bar of every page: what is most urgent in front, how much else stands, and, louder than anything,
// that nobody is watching or that nothing reaches this screen.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ofPriority, presentation, priorities, type Standing } from '../alarm/standing';
import { actRefused, pausing } from '../state/alarm_acts';
import {
  alarmBeds,
  alarmTrouble,
  alarmWatching,
  highestAlarm,
  standingAlarms,
} from '../state/alarm_watch';
import { preferences } from '../state/preferences';
import { isSilent } from '../state/sounding';
import { isLost, now } from '../state/watch';
import { localTime } from '../vital/format';
import { locale, t } from '../words';
import { AlarmCount, useInStep } from './alarm_mark';
import { AlarmRow } from './alarm_row';
import { useAlarmSound } from './alarm_sound';
import { alarmText, placeText } from './alarm_words';
import { errorText } from './error_text';
import { loaded } from './loaded';
import { allowSound } from './sound';
import './alarm_bar.css';

const PauseDialog = loaded(() => import('./pause_dialog').then((it) => it.PauseDialog));

/** Where the loss of the server is told already, it is not told twice to whoever listens. */
function Trouble() {
  const trouble = alarmTrouble.value;
  if (!trouble) return null;
  const time = localTime(trouble.since, locale.value);
  return (
    <p class="alarm-bar__trouble" role={isLost.value ? undefined : 'alert'}>
      <strong>{t(`alarm.${trouble.what}`, { time })}</strong>{' '}
      <span>{t(`alarm.${trouble.what}_do`)}</span>
    </p>
  );
}

function Quiet() {
  const n = alarmBeds.value.size;
  const words =
    alarmWatching.value === 'beginning'
      ? t('alarm.beginning')
      : n === 0
        ? t('alarm.nobody')
        : t('alarm.none', { n });
  return <p class="alarm-bar__quiet">{words}</p>;
}

/** A screen that people rely on to hear alarms says loudly that it makes no sound; others say it in a line. */
function Silent({ isCentral }: { isCentral: boolean }) {
  if (!isSilent.value) return null;
  const chosen = !preferences.value.sound;
  return (
    <p class="alarm-bar__silent" data-loud={isCentral}>
      <strong>{t('alarm.silent')}</strong>{' '}
      <span>{t(chosen ? 'alarm.silent_chosen' : 'alarm.silent_browser')}</span>
      {!chosen && <button onClick={allowSound}>{t('alarm.allow')}</button>}
    </p>
  );
}

const spoken = ({ bed, alarm }: Standing): string =>
  t('alarm.spoken', {
    priority: t(`alarm.${alarm.priority}`),
    place: placeText(bed),
    words: alarmText(alarm),
  });

/** A new alarm is told to whoever listens to the page: of high priority at once, others in their turn. */
function Announcer({ all }: { all: readonly Standing[] }) {
  const told = useRef<ReadonlySet<string>>(new Set());
  const urgent = useSignal('');
  const other = useSignal('');
  useEffect(() => {
    const fresh = all.filter(
      ({ alarm }) => alarm.state === 'active' && !told.current.has(presentation(alarm)),
    );
    told.current = new Set(all.map(({ alarm }) => presentation(alarm)));
    const high = fresh.filter(({ alarm }) => alarm.priority === 'high');
    const rest = fresh.filter(({ alarm }) => alarm.priority !== 'high');
    if (high.length > 0) urgent.value = high.map(spoken).join(' ');
    if (rest.length > 0) other.value = rest.map(spoken).join(' ');
  }, [all, urgent, other]);
  return (
    <>
      <div class="only-heard" aria-live="assertive">
        {urgent}
      </div>
      <div class="only-heard" aria-live="polite">
        {other}
      </div>
    </>
  );
}

function List({ all }: { all: readonly Standing[] }) {
  return (
    <ol class="alarm-bar__list" id="alarm-list" aria-label={t('alarm.list')}>
      {all.map((standing) => (
        <li key={presentation(standing.alarm)}>
          <AlarmRow standing={standing} nowMs={now.value} />
        </li>
      ))}
    </ol>
  );
}

function Line({
  all,
  isOpen,
  onToggle,
}: {
  all: readonly Standing[];
  isOpen: boolean;
  onToggle: () => void;
}) {
  const [front] = all;
  const element = useRef<HTMLDivElement>(null);
  useInStep(element, front ? presentation(front.alarm) : '');
  if (!front) return <Quiet />;
  return (
    <div
      ref={element}
      class="alarm-bar__line"
      data-priority={front.alarm.priority}
      data-state={front.alarm.state}
    >
      <AlarmRow standing={front} nowMs={now.value} />
      <button
        class="alarm-bar__more"
        aria-expanded={isOpen}
        aria-controls="alarm-list"
        onClick={onToggle}
      >
        {priorities.map((priority) => (
          <AlarmCount key={priority} priority={priority} n={ofPriority(all, priority)} />
        ))}
        <span class="alarm-bar__more-words">{t('alarm.all', { n: all.length })}</span>
      </button>
    </div>
  );
}

export function AlarmBar({ isCentral }: { isCentral: boolean }) {
  useAlarmSound();
  const isOpen = useSignal(false);
  const all = standingAlarms.value;
  const paused = pausing.value;
  return (
    <section
      class="alarm-bar"
      aria-label={t('alarm.bar')}
      data-highest={highestAlarm.value ?? 'none'}
      data-watching={alarmWatching.value}
    >
      <Trouble />
      <Silent isCentral={isCentral} />
      <Line all={all} isOpen={isOpen.value} onToggle={() => (isOpen.value = !isOpen.value)} />
      {isOpen.value && all.length > 0 && <List all={all} />}
      {actRefused.value && (
        <p class="alarm-bar__refused" role="status">
          {t('alarm.refused', { why: errorText(actRefused.value) })}
        </p>
      )}
      <Announcer all={all} />
      {paused && <PauseDialog {...paused} onClose={() => (pausing.value = null)} />}
    </section>
  );
}
