// Tones made in the browser. A page may only sound after the person has touched it once.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { preferences } from '../state/preferences';
import { isLost } from '../state/watch';

let context: AudioContext | null = null;

/** False while the browser keeps this page silent. */
export const maySound = signal(false);

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

export function listenForFirstTouch(): () => void {
  const events = ['pointerdown', 'keydown'] as const;
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
export function soundLost(): void {
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

/** On every page, and where the screen is locked: the loss of the connection is heard. */
export function useLostSound(): void {
  useEffect(listenForFirstTouch, []);
  useEffect(
    () =>
      isLost.subscribe((lost) => {
        if (lost && preferences.peek().sound) soundLost();
      }),
    [],
  );
}
