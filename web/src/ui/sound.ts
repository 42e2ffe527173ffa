// Tones made in the browser. A page may only sound after the person has touched it once.
import { useEffect } from 'preact/hooks';
import type { Pulse } from '../alarm/burst';
import { alarmTrouble } from '../state/alarm_watch';
import { preferences } from '../state/preferences';
import { isSilent, maySound } from '../state/sounding';
import { isLost } from '../state/watch';

let context: AudioContext | null = null;

function wake(): AudioContext {
  context ??= new AudioContext();
  const waking = context;
  const tell = () => {
    maySound.value = waking.state === 'running';
  };
  waking.onstatechange = tell;
  void waking.resume().then(tell);
  return waking;
}

/** To be called from a press or a key. */
export function allowSound(): void {
  wake();
}

function listenForFirstTouch(): () => void {
  // Whoever has signed in has touched the page.
  if (navigator.userActivation.hasBeenActive) wake();
  // Once the press is over: the notice that a screen is silent goes then, and what is below it moves up.
  const events = ['click', 'keyup'] as const;
  const touched = () => {
    wake();
    for (const name of events) removeEventListener(name, touched);
  };
  for (const name of events) addEventListener(name, touched);
  return () => {
    for (const name of events) removeEventListener(name, touched);
  };
}

/** Three falling tones: the line is gone. No alarm of IEC 60601-1-8, and unlike any of them. */
function soundLost(): void {
  if (!maySound.peek()) return;
  const audio = wake();
  [660, 520, 410].forEach((frequency, i) => {
    const at = audio.currentTime + i * 0.22;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.25, at + 0.02);
    volume.gain.linearRampToValueAtTime(0, at + 0.2);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.22);
  });
}

/**
 * Harmonics of a pulse: at least four lie between 300 and 4000 Hz, each within 15 dB of the pulse frequency
 * (IEC 60601-1-8 Table 4).
 */
const harmonics = [1, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3];
const loudness = 0.3;
const edgeS = 0.03;

let timbre: PeriodicWave | null = null;

function timbreOf(audio: AudioContext): PeriodicWave {
  timbre ??= audio.createPeriodicWave(
    new Float32Array(harmonics.length + 1),
    Float32Array.of(0, ...harmonics),
  );
  return timbre;
}

/** Sounds the pulses from now on; the answer silences what is left of them. */
export function soundPulses(pulses: readonly Pulse[]): () => void {
  if (isSilent.peek()) return () => undefined;
  const audio = wake();
  const begin = audio.currentTime;
  const tones = pulses.map(({ atS, lengthS, hz }) => {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const at = begin + atS;
    tone.setPeriodicWave(timbreOf(audio));
    tone.frequency.value = hz;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(loudness, at + edgeS);
    volume.gain.setValueAtTime(loudness, at + lengthS - edgeS);
    volume.gain.linearRampToValueAtTime(0, at + lengthS);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + lengthS);
    return tone;
  });
  return () => {
    for (const tone of tones) tone.stop();
  };
}

/** For as long as nothing on the screen can be relied on. */
const lostAgainMs = 10_000;

/** On every page, and where the screen is locked: that the screen is not told any more is heard. */
export function useLostSound(): void {
  useEffect(listenForFirstTouch, []);
  useEffect(() => {
    const sound = () => {
      if (preferences.peek().sound) soundLost();
    };
    let again: ReturnType<typeof setInterval> | undefined;
    const ends = [
      isLost.subscribe((lost) => {
        if (lost) sound();
      }),
      alarmTrouble.subscribe((trouble) => {
        clearInterval(again);
        again = undefined;
        if (!trouble) return;
        sound();
        again = setInterval(sound, lostAgainMs);
      }),
    ];
    return () => {
      clearInterval(again);
      for (const end of ends) end();
    };
  }, []);
}
