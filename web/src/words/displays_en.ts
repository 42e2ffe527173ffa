// Screens that people rely on for alarms.
export const displaysEn = {
  'displays.title': 'Central screens',
  'displays.lead':
    'Screens that people rely on to tell alarms. Each confirms every second that it shows them and can be heard. One that has not for ten seconds is an alarm on every other screen of its unit, and is told like any other.',
  'displays.none': 'No screen has to confirm yet: nobody would be told if one of them went dark.',
  'displays.name': 'Name',
  'displays.name_hint': 'As people call it: “nurses’ station”.',
  'displays.unit': 'Unit',
  'displays.everywhere': 'all units',
  'displays.state': 'State',
  'displays.confirms': 'confirms',
  'displays.lost': 'does not confirm: last {ago}',
  'displays.sound': 'Sound',
  'displays.sounds': 'has to be heard',
  'displays.silent': 'only to be seen',
  'displays.set_up': 'Set up by',
  'displays.end': 'End',
  'displays.release': 'Release',
  'displays.release_of': 'Release {name}',
  'displays.release_means': 'Nobody is told any more when it stops showing alarms.',
  'displays.this': '(this one)',
  'displays.this_screen': 'This screen',
  'displays.make': 'Make this a central screen',
  'displays.make_means':
    'It does not lock by itself any more, and others are told when it is closed, covered, asleep, or silent.',
  'displays.sounds_wanted': 'People rely on hearing it',
  'displays.not_kept':
    'This browser keeps nothing: it is a central screen until the page is closed.',
  'displays.asking': 'Asking the server…',
  'displays.is': 'This is the central screen “{name}” ({unit}).',
  'displays.refused':
    'This browser was a central screen, and is not any more: it was released, or whoever is signed in does not look after its unit.',
  'displays.forget': 'Be an ordinary screen',
  'displays.unheard':
    'It does not confirm: it cannot be heard. Press the button above that lets it sound, or switch sound on in the preferences.',
  'displays.mark': 'Central screen: {name}',
  'displays.mark_refused': 'Not a central screen any more',
  'displays.mark_unheard': 'Central screen {name} cannot be heard',
} as const;
