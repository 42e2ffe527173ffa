// Bildschirme, auf die man sich bei Alarmen verlässt.
import type { displaysEn } from './displays_en';
import type { Entry } from './en';

export const displaysDe: Record<keyof typeof displaysEn, Entry> = {
  title: 'Zentralbildschirme',
  lead: 'Bildschirme, auf die man sich bei Alarmen verlässt. Jeder bestätigt jede Sekunde, dass er sie zeigt und zu hören ist. Bestätigt einer zehn Sekunden lang nicht, so ist das ein Alarm auf jedem anderen Bildschirm seiner Station und wird gemeldet wie jeder andere.',
  none: 'Noch muss kein Bildschirm bestätigen: Niemand erführe, wenn einer dunkel würde.',
  name: 'Name',
  name_hint: 'Wie man ihn nennt: „Stützpunkt“.',
  unit: 'Station',
  everywhere: 'alle Stationen',
  state: 'Zustand',
  confirms: 'bestätigt',
  lost: 'bestätigt nicht: zuletzt {ago}',
  sound: 'Ton',
  sounds: 'muss zu hören sein',
  silent: 'nur zu sehen',
  set_up: 'Eingerichtet von',
  end: 'Ende',
  release: 'Entlassen',
  release_of: '{name} entlassen',
  release_means: 'Niemand erfährt mehr, wenn er keine Alarme mehr zeigt.',
  this: '(dieser hier)',
  this_screen: 'Dieser Bildschirm',
  make: 'Zum Zentralbildschirm machen',
  make_means:
    'Er sperrt sich nicht mehr von selbst, und andere erfahren, wenn er geschlossen, verdeckt, im Schlaf oder stumm ist.',
  sounds_wanted: 'Man verlässt sich darauf, ihn zu hören',
  not_kept:
    'Dieser Browser behält nichts: Er ist Zentralbildschirm, bis die Seite geschlossen wird.',
  asking: 'Der Server wird gefragt …',
  is: 'Das ist der Zentralbildschirm „{name}“ ({unit}).',
  refused:
    'Dieser Browser war ein Zentralbildschirm und ist es nicht mehr: Er wurde entlassen, oder wer angemeldet ist, betreut seine Station nicht.',
  forget: 'Ein gewöhnlicher Bildschirm sein',
  unheard:
    'Er bestätigt nicht, denn er ist nicht zu hören. Drücken Sie oben die Taste, die ihn tönen lässt, oder schalten Sie den Ton in den Einstellungen ein.',
};
