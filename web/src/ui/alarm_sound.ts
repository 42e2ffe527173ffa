// Alarms as they are heard: what stands is looked at four times a second, and with every beat of the server,
// since a browser lets the timers of a hidden tab sleep.
import { useEffect } from 'preact/hooks';
import { bursts, silence, step, type Sounding } from '../alarm/burst';
import { audible } from '../alarm/standing';
import { alarmBeats, alarmBeds, alarmWatching } from '../state/alarm_watch';
import { isSilent } from '../state/sounding';
import { soundPulses } from './sound';

const lookMs = 250;

/** What was told before the line was lost is not sounded: the loss is (sound.ts). */
const heardNow = () =>
  isSilent.peek() || alarmWatching.peek() === 'lost' ? [] : audible(alarmBeds.peek());

export function useAlarmSound(): void {
  useEffect(() => {
    let sounding: Sounding = silence;
    let hush: () => void = () => undefined;
    const look = () => {
      const { next, start, cut } = step(sounding, heardNow(), performance.now() / 1000);
      sounding = next;
      if (cut) hush();
      if (start) hush = soundPulses(bursts[start]);
    };
    const looking = setInterval(look, lookMs);
    const ends = [alarmBeds.subscribe(look), alarmBeats.subscribe(look), isSilent.subscribe(look)];
    return () => {
      clearInterval(looking);
      for (const end of ends) end();
      hush();
    };
  }, []);
}
