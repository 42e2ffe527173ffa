// Who is told of alarms away from the screens, field for field as docs/reference/alarms-api.md names it.
import type { Priority } from './alarm_shapes';

export interface Duty {
  id: string;
  account: string;
  as: string[];
  /** Empty: every unit. */
  unit: string;
  /** Empty: all of the unit. */
  patients: string[];
  from: string;
  until: string;
  by: string;
}

export interface DutyWish {
  account?: string;
  as: string[];
  unit: string;
  patients?: string[];
  until: string;
}

export type Channel = 'email' | 'webhook';

/** A person's (`account`), or a system's of the site (`name`). */
export interface Contact {
  id: string;
  account: string | null;
  name: string | null;
  as: string[];
  unit: string;
  channel: Channel;
  address: string;
  least: Priority;
  emergencies: boolean;
  by: string;
  since: string;
}

export interface Contacts {
  contacts: Contact[];
  /** What this server can send by. */
  channels: Channel[];
}

export type ContactWish =
  | { account: string; channel: 'email'; address: string; least: Priority; emergencies?: boolean }
  | {
      name: string;
      as: string[];
      unit?: string;
      channel: 'webhook';
      address: string;
      least: Priority;
      emergencies?: boolean;
    };

export interface ContactTest {
  outcome: 'delivered' | 'undeliverable';
  /** What the mail server or the system answered. */
  said: string;
}
