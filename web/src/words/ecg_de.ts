// Die Wörter der EKG-Ansichten, auf Deutsch.
import type { ecgEn } from './ecg_en';
import type { Entry } from './en';

export const ecgDe: Record<keyof typeof ecgEn, Entry> = {
  'strip.open': 'Streifen',
  'strip.open_of': 'Streifen von {what}',
  'strip.title': 'Streifen: {what}',
  'strip.title_at': 'Streifen von {time}',
  'strip.loading': 'Lese die Kurven von {time}…',
  'strip.none': 'Damals wurde keine Kurve gespeichert.',
  'strip.filling': {
    one: 'Füllt sich: noch {n} Sekunde.',
    other: 'Füllt sich: noch {n} Sekunden.',
  },
  'strip.full': 'Der Streifen ist voll: 10 s davor, 20 s danach.',
  'strip.cut_read': 'Es wurde mehr aufgezeichnet, als hier gelesen wird: ein Teil fehlt.',
  'strip.speed': 'Vorschub',
  'strip.speed_of': '{speed} mm/s',
  'strip.gain': 'Verstärkung',
  'strip.gain_of': '{gain} mm/mV',
  'strip.print': 'Drucken',
  'strip.full_ecg': 'Stunden davor und danach',
  'strip.numerics': 'In diesem Augenblick',
  'strip.no_numerics': 'Damals wurde kein Wert gemessen.',
  'strip.lane_ecg': '{device} · {gain} mm/mV',
  'strip.lane_plain': '{device} · {low} bis {high} {unit}',
  'strip.lane_empty': '{device} · nichts aufgezeichnet',
  'strip.lane_cut': 'am Rand abgeschnitten: kleinere Verstärkung wählen',
  'strip.at': '{time}',
  'strip.paper': 'Kurven, {from} bis {to}. {speed} mm/s, EKG {gain} mm/mV.',
  'strip.paper_lane': '{name}: {gaps}',
  'strip.no_gap': 'ohne Lücke',
  'strip.gaps': { one: '{n} Lücke, {time}', other: '{n} Lücken, zusammen {time}' },
  'strip.scroll': 'Pfeiltasten bewegen den Streifen.',
  'strip.seconds': '{n} s',
  'strip.printed': 'Gedruckt {time}. Vigil ist kein zugelassenes Medizinprodukt.',
  'strip.calibration': 'Zacke links: 1 mV, 0,2 s',
};
