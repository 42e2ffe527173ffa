// Sweeping waveforms on one canvas, with their names and scale bars laid over it.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { WaveTrack } from '../state/patient_live';
import { age } from '../vital/freshness';
import { colourOf } from '../vital/slots';
import { everyFrame } from '../wave/frame_loop';
import { millivoltShare } from '../wave/scale';
import { Sweep } from '../wave/sweep';
import { t } from '../words';
import { waveName } from './metric_names';
import { ageText } from './speech';
import './waveform_strip.css';

interface Props {
  tracks: readonly WaveTrack[];
  mmPerSecond: number;
  nowMs: number;
  /** Changes when the colours do: theme, or a lost connection. */
  palette: string;
  /** Names and scales stand in a margin, or where there is no room for one, above each trace. */
  names: 'beside' | 'above';
}

/** A waveform is late after so long, and says so. */
const silentMs = 3000;

const nameOf = (track: WaveTrack) => waveName(track.metric, track.metric);

interface LaneProps {
  track: WaveTrack;
  nowMs: number;
  /** What 1 mV measures, in lane heights; null: this is no ECG, or its scale is not known yet. */
  millivolt: number | null;
}

/** What stands beside or above a trace: the trace itself is never written over while it moves. */
function Lane({ track, nowMs, millivolt }: LaneProps) {
  const last = track.lastMs;
  const silent = last > 0 && nowMs - last > silentMs + track.expectedIntervalS * 1000;
  return (
    <div class="lane" data-colour={colourOf(track.metric)}>
      <span class="lane__name">{nameOf(track)}</span>
      {millivolt !== null && (
        <>
          <span class="lane__size" aria-hidden="true">
            {t('wave.scale', { size: 1, unit: 'mV' })}
          </span>
          <span class="lane__bar" aria-hidden="true" style={{ '--share': String(millivolt) }} />
        </>
      )}
      {silent && (
        <b class="lane__silent">{t('wave.no_signal', { age: ageText(age(last, nowMs)) })}</b>
      )}
    </div>
  );
}

/** A trace lower than this cannot be read: fewer waveforms are shown instead, the first ones. */
const traceHeightMin = 24;
/** A line of text, in its own size: as `.waves[data-names='above']` has it. */
const lineHeight = 1.25;

export function WaveformStrip({ tracks: all, mmPerSecond, nowMs, palette, names }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const room = useSignal(1);
  const tracks = useMemo(() => all.slice(0, room.value), [all, room.value]);
  const sweep = useRef<Sweep | null>(null);
  const millivolts = useSignal<readonly (number | null)[]>([]);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return undefined;
    const drawing = new Sweep(context, mmPerSecond);
    sweep.current = drawing;
    let visible = true;
    const fit = () => {
      const { clientWidth, clientHeight } = element;
      const ratio = window.devicePixelRatio;
      element.width = Math.round(clientWidth * ratio);
      element.height = Math.round(clientHeight * ratio);
      const headroom =
        names === 'above' ? lineHeight * parseFloat(getComputedStyle(element).fontSize) : 0;
      drawing.setSize(clientWidth, clientHeight, ratio, headroom);
      room.value = Math.max(1, Math.floor(clientHeight / (traceHeightMin + headroom)));
    };
    const sizes = new ResizeObserver(fit);
    sizes.observe(element);
    const views = new IntersectionObserver((entries) => {
      visible = entries.at(-1)?.isIntersecting ?? true;
    });
    views.observe(element);
    const end = everyFrame((frameMs) => {
      if (visible) drawing.draw(frameMs);
    });
    return () => {
      end();
      sizes.disconnect();
      views.disconnect();
      sweep.current = null;
    };
  }, [mmPerSecond, room, names]);

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const style = getComputedStyle(element);
    sweep.current?.setLanes(
      tracks.map((track) => ({
        ring: track.ring,
        delay: track.delay,
        colour: style.getPropertyValue(`--wave-${colourOf(track.metric)}`).trim(),
        ecg: track.metric.startsWith('ecg'),
      })),
    );
  }, [tracks, palette, mmPerSecond, names]);

  // The scale follows the signal slowly: once a second is often enough to look at it.
  useEffect(() => {
    const shares = tracks.map((track, lane) => {
      const range = sweep.current?.rangeOf(lane);
      return range && track.metric.startsWith('ecg')
        ? Math.round(millivoltShare(range) * 1000) / 1000
        : null;
    });
    if (JSON.stringify(shares) !== JSON.stringify(millivolts.peek())) millivolts.value = shares;
  }, [tracks, nowMs, millivolts]);

  const heard = tracks.map(nameOf).join(', ');
  return (
    <div class="waves" data-names={names}>
      <canvas
        ref={canvas}
        class="waves__canvas"
        role="img"
        aria-label={t('wave.label', { names: heard, speed: mmPerSecond })}
      />
      <div class="waves__lanes">
        {tracks.map((track, lane) => (
          <Lane
            key={track.key}
            track={track}
            nowMs={nowMs}
            millivolt={millivolts.value[lane] ?? null}
          />
        ))}
      </div>
      {tracks.length > 0 && (
        <div class="waves__time" aria-hidden="true">
          <span class="waves__speed">{t('wave.speed', { speed: mmPerSecond })}</span>
          <span class="waves__second" style={{ width: `${mmPerSecond}mm` }}>
            {t('wave.second')}
          </span>
        </div>
      )}
    </div>
  );
}
