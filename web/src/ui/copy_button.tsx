import { useSignal } from '@preact/signals';
import { t } from '../words';

/** Says whether the browser let it: it does so only over HTTPS or on this very machine. */
export function CopyButton({ text }: { text: string }) {
  const outcome = useSignal<'copy' | 'copied' | 'not_copied'>('copy');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      outcome.value = 'copied';
    } catch {
      outcome.value = 'not_copied';
    }
  };
  return <button onClick={() => void copy()}>{t(`app.${outcome.value}`)}</button>;
}
