// Bildschirme, auf die man sich bei Alarmen verlässt.
import type { displaysEn } from './displays_en';
import type { Entry } from './en';

export const displaysDe: Record<keyof typeof displaysEn, Entry> = {
  'displays.title': 'Zentralbildschirme',
  'displays.lead':
    'Bildschirme, auf die man sich bei Alarmen verlässt. Jeder bestätigt jede Sekunde, dass er sie zeigt und zu hören ist. Bestätigt einer zehn Sekunden lang nicht, so ist das ein Alarm auf jedem anderen Bildschirm seiner Station und wird gemeldet wie jeder andere.',
  'displays.none':
    'Noch muss kein Bildschirm bestätigen: Niemand erführe, wenn einer dunkel würde.',
  'displays.name': 'Name',
  'displays.name_hint': 'Wie man ihn nennt: „Stützpunkt“.',
  'displays.unit': 'Station',
  'displays.everywhere': 'alle Stationen',
  'displays.state': 'Zustand',
  'displays.confirms': 'bestätigt',
  'displays.lost': 'bestätigt nicht: zuletzt {ago}',
  'displays.sound': 'Ton',
  'displays.sounds': 'muss zu hören sein',
  'displays.silent': 'nur zu sehen',
  'displays.set_up': 'Eingerichtet von',
  'displays.end': 'Ende',
  'displays.release': 'Entlassen',
  'displays.release_of': '{name} entlassen',
  'displays.release_means': 'Niemand erfährt mehr, wenn er keine Alarme mehr zeigt.',
  'displays.this': '(dieser hier)',
  'displays.this_screen': 'Dieser Bildschirm',
  'displays.make': 'Zum Zentralbildschirm machen',
  'displays.make_means':
    'Er sperrt sich nicht mehr von selbst, und andere erfahren, wenn er geschlossen, verdeckt, im Schlaf oder stumm ist.',
  'displays.sounds_wanted': 'Man verlässt sich darauf, ihn zu hören',
  'displays.not_kept':
    'Dieser Browser behält nichts: Er ist Zentralbildschirm, bis die Seite geschlossen wird.',
  'displays.asking': 'Der Server wird gefragt …',
  'displays.is': 'Das ist der Zentralbildschirm „{name}“ ({unit}).',
  'displays.refused':
    'Dieser Browser war ein Zentralbildschirm und ist es nicht mehr: Er wurde entlassen, oder wer angemeldet ist, betreut seine Station nicht.',
  'displays.forget': 'Ein gewöhnlicher Bildschirm sein',
  'displays.unheard':
    'Er bestätigt nicht, denn er ist nicht zu hören. Drücken Sie oben die Taste, die ihn tönen lässt, oder schalten Sie den Ton in den Einstellungen ein.',
  'displays.mark': 'Zentralbildschirm: {name}',
  'displays.mark_refused': 'Kein Zentralbildschirm mehr',
  'displays.mark_unheard': 'Zentralbildschirm {name} ist nicht zu hören',
};
