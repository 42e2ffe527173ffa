// A QR code (ISO/IEC 18004), drawn here: what is in it goes to no other server.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { pathOf, type Bits } from './qr_path';

/** Light modules around it that a reader needs (ISO/IEC 18004 9.1). */
const quiet = 4;

export function QrCode({ text, label }: { text: string; label: string }) {
  const bits = useSignal<Bits | null>(null);
  useEffect(() => {
    let wanted = true;
    void import('lean-qr').then(({ generate }) => {
      if (wanted) bits.value = generate(text);
    });
    return () => {
      wanted = false;
    };
  }, [text, bits]);
  const side = (bits.value?.size ?? 37) + 2 * quiet;
  return (
    <svg
      class="qr-code"
      viewBox={`${-quiet} ${-quiet} ${side} ${side}`}
      role="img"
      aria-label={label}
      shape-rendering="crispEdges"
    >
      {bits.value && <path d={pathOf(bits.value)} />}
    </svg>
  );
}
