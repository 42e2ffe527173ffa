// The texts of the locked screen, in English.
export const lockEn = {
  'lock.title': 'Locked',
  'lock.of': '{name} is signed in.',
  'lock.lead': 'Show that it is you, and the page is where you left it.',
  'lock.submit': 'Unlock',
  'lock.working': 'Unlocking…',
  'lock.by_passkey': 'Unlock with a passkey',
  'lock.somebody_else': 'Somebody else signs in',
  'lock.somebody_else_hint': 'It signs {name} out of this browser.',
  'lock.alarms': {
    one: 'At {n} bed a device signals an alarm',
    other: 'At {n} beds a device signals an alarm',
  },
  'lock.standing': { one: '{n} alarm', other: '{n} alarms' },
  'lock.now': 'Lock the screen',
  'preferences.lock': 'Lock the screen when nobody touches it',
  'preferences.lock.minutes': { one: 'after {n} minute', other: 'after {n} minutes' },
  'preferences.lock.never': 'never: a wall display',
} as const;
