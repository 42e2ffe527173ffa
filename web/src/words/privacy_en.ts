// The words of the privacy desk, in English.
export const privacyEn = {
  'privacy.title': 'Rights over this record',
  'privacy.mine': 'My data',
  'privacy.download': 'Download everything',
  'privacy.download_means':
    'One archive: the record, readings and curves, and who looked at it. Keep it where nobody else finds it.',
  'privacy.held': 'Legal hold since {since} by {by}: {reason}',
  'privacy.restricted': 'Restricted since {since} by {by}: {reason}',
  'privacy.hold': 'Set a legal hold',
  'privacy.hold_means': 'Nothing of this patient can be erased while it stands.',
  'privacy.release': 'Release the hold',
  'privacy.restrict': 'Restrict',
  'privacy.restrict_means':
    'Stored on, but seen by administrators, the patient and whom they let in, and in an emergency. The ward’s screens no longer show this patient.',
  'privacy.lift': 'Lift the restriction',
  'privacy.reason': 'Why',
  'privacy.reason_hint': 'It goes on record.',
  'privacy.erase': 'Erase',
  'privacy.erase_title': 'Erase this patient for ever',
  'privacy.erase_means':
    'Readings, record, raw messages and every backup of them become unreadable. It cannot be undone.',
  'privacy.erase_reason_hint': 'It stays on record for ever: do not name the patient.',
  'privacy.identifier': 'Type {identifier} to go on',
  'privacy.erase_now': 'Erase for ever',
  'privacy.erased': 'This patient is erased.',
  'privacy.erased_means':
    'The last copy of the key is gone by {until}, if copies are kept by the rules.',
  'privacy.certificate': 'Certificate',
} as const;
