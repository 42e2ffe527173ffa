// The lane of alarms on a patient's timeline: where each began, by shape and colour of its priority. Those that
// would lie over each other are one mark with their number. Each opens its strip.
import { useSignal, type ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { clustersOf, type AlarmAt, type Cluster } from '../ecg/marks';
import { AlarmMarksLoader } from '../state/alarm_marks';
import type { TimelineView } from '../state/route';
import { shownStrip } from '../state/strip_shown';
import { now } from '../state/watch';
import { axisWidth } from '../trend/trend_chart';
import { localDateTime } from '../vital/format';
import { locale, t } from '../words';
import { te } from '../words/ecg';
import { AlarmShape } from './alarm_mark';
import { conditionWords, crossedText } from './alarm_words';
import { Dialog } from './dialog';
import './alarm_lane.css';

/** Marks are so far apart that a finger finds each. */
const apartRem = 1.5;
const apartTouchRem = 2.75;
/** Of one mark that stands for many. */
const listedMax = 50;

const wordsOf = ({ event }: AlarmAt): string =>
  [conditionWords({ words: event.words ?? '' }), crossedText(event)].filter(Boolean).join(' ');

const timeOf = ({ ms }: AlarmAt): string => localDateTime(ms, locale.value);

function open(patient: string, at: AlarmAt): void {
  const event = { ...at.event, words: at.event.words ?? '' };
  shownStrip.value = { patient, atMs: at.ms, event };
}

/** All that one mark stands for, the newest first. */
function Many({
  patient,
  all,
  onClose,
}: {
  patient: string;
  all: readonly AlarmAt[];
  onClose: () => void;
}) {
  const newest = [...all].reverse();
  const more = newest.length - listedMax;
  return (
    <Dialog title={te('lane.many', { n: all.length })} onClose={onClose}>
      <ol class="alarm-lane__many">
        {newest.slice(0, listedMax).map((at) => (
          <li key={at.id}>
            <button
              data-priority={at.priority}
              onClick={() => {
                onClose();
                open(patient, at);
              }}
            >
              <AlarmShape priority={at.priority} />
              <span class="only-heard">{t(`alarm.${at.priority}`)}</span> {timeOf(at)} {wordsOf(at)}
            </button>
          </li>
        ))}
      </ol>
      {more > 0 && <p class="quiet">{te('ecg.more_alarms', { n: more })}</p>}
    </Dialog>
  );
}

function Mark({
  cluster: { at, all },
  share,
  onOpen,
}: {
  cluster: Cluster;
  share: number;
  onOpen: () => void;
}) {
  const name =
    all.length === 1
      ? te('lane.one', { priority: t(`alarm.${at.priority}`), what: wordsOf(at), time: timeOf(at) })
      : te('lane.several', {
          n: all.length,
          priority: t(`alarm.${at.priority}`),
          time: timeOf(at),
        });
  return (
    <button
      class="alarm-lane__mark"
      data-priority={at.priority}
      aria-label={name}
      title={name}
      style={{ insetInlineStart: `${share * 100}%` }}
      onClick={onOpen}
    >
      <AlarmShape priority={at.priority} />
      {all.length > 1 && <span>{all.length}</span>}
    </button>
  );
}

function useWidth() {
  const place = useRef<HTMLDivElement>(null);
  const width = useSignal(0);
  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const sizes = new ResizeObserver(() => (width.value = element.clientWidth));
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [width]);
  return { place, width: width.value };
}

export function AlarmLane({
  patient,
  view,
  extent,
}: {
  patient: string;
  view: TimelineView;
  extent: ReadonlySignal<{ fromMs: number; toMs: number }>;
}) {
  const loader = useMemo(() => new AlarmMarksLoader(() => now.peek()), []);
  useEffect(() => loader.ask(patient, view), [loader, patient, view]);
  useEffect(() => () => loader.stop(), [loader]);
  const many = useSignal<readonly AlarmAt[] | null>(null);
  const { place, width } = useWidth();
  const { fromMs, toMs } = extent.value;
  const { alarms, knownFromMs } = loader.marks.value;
  const shown = alarms.filter(({ ms }) => ms >= fromMs && ms < toMs);
  const shareOf = (ms: number) => (ms - fromMs) / (toMs - fromMs);
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const isTouch = matchMedia('(pointer: coarse)').matches;
  const apart = rem * (isTouch ? apartTouchRem : apartRem) + 2;
  const clusters = width > 0 ? clustersOf(shown, (ms) => shareOf(ms) * width, apart) : [];
  return (
    <div class="trend alarm-lane">
      <div class="trend__about">
        <h3>{te('lane.title')}</h3>
      </div>
      <div class="trend__place" style={{ paddingInlineStart: `${axisWidth}px` }}>
        <div
          ref={place}
          class="alarm-lane__place"
          role="group"
          aria-label={te('lane.label', { n: shown.length })}
        >
          {clusters.map((cluster) => (
            <Mark
              key={cluster.at.id}
              cluster={cluster}
              share={shareOf(cluster.at.ms)}
              onOpen={() => {
                if (cluster.all.length === 1) open(patient, cluster.at);
                else many.value = cluster.all;
              }}
            />
          ))}
          {knownFromMs !== null && knownFromMs > fromMs && (
            <p
              class="alarm-lane__unknown quiet"
              style={{ width: `${shareOf(knownFromMs) * 100}%` }}
            >
              {te('lane.more')}
            </p>
          )}
        </div>
      </div>
      {many.value && (
        <Many patient={patient} all={many.value} onClose={() => (many.value = null)} />
      )}
    </div>
  );
}
