// What the watch makes of a patient beside alarms, field for field as docs/reference/alarms-api.md names it.

export type Applicability =
  'applies' | 'assumed-adult' | 'too-young' | 'too-old' | 'age-unknown' | 'pregnant';

export type InputState =
  'used' | 'missing' | 'too-old' | 'implausible' | 'unreadable' | 'undecided' | 'apart';

export interface Band {
  key: string;
  risk: string;
  /** 0: the lowest of the score. */
  rank: number;
}

export interface ScoreInput {
  key: string;
  parameter: string;
  state: InputState;
  optional: boolean;
  /** A number in `unit_shown`, or the word of a level. */
  value: string | null;
  unit_shown: string;
  points: number | null;
  metric: string | null;
  device: string | null;
  time: string | null;
  by_person: boolean;
  age_s: number;
  age_max_s: number;
}

export interface ScorePoint {
  time: string;
  least: number | null;
  most: number | null;
  complete: boolean;
  superseded: boolean;
}

export interface ScoreChange {
  input: string;
  value: string;
  least: number | null;
  most: number | null;
  band: Band | null;
  changes_band: boolean;
}

export interface Score {
  key: string;
  name: string;
  version: string;
  time: string;
  applicability: Applicability;
  complete: boolean;
  /** Null while incomplete: then `least` and `most` are its bounds. */
  total: number | null;
  least: number | null;
  most: number | null;
  band: Band | null;
  last_known_band: Band | null;
  single_parameter: boolean;
  inputs: ScoreInput[];
  settings: { key: string; value: string; by: string | null; time: string | null }[];
  last_complete: { time: string; total: number | null; band: Band | null } | null;
  observations_due: string | null;
  trend: {
    direction: 'rising' | 'steady' | 'falling';
    since: string;
    then: number | null;
    lowest: number | null;
    highest: number | null;
  } | null;
  would_change: ScoreChange[];
  points: ScorePoint[];
  citations: string[];
  terms: string;
}

export type Pregnancy = 'unknown' | 'no' | 'yes';

export interface Scores {
  pregnancy: Pregnancy;
  scores: Score[];
}

/** The classes of AAMI EC57. */
export type BeatClass = 'N' | 'S' | 'V' | 'F' | 'Q';

export interface Ecg {
  device: string;
  up_to: string;
  usable: boolean;
  heart_rate: number | null;
  rhythms: string[];
  leads: {
    metric: string;
    channel: number;
    quality: 'good' | 'rate-only' | 'unusable';
    off: boolean;
  }[];
  beats: { time: string; class: BeatClass }[];
}

export interface Rhythm {
  ecgs: Ecg[];
  pulse_rate: number | null;
}

/** A score as the ward is told of it: without inputs and what would change it. */
export interface WardScore extends Pick<
  Score,
  'key' | 'name' | 'applicability' | 'complete' | 'total' | 'least' | 'most' | 'band' | 'time'
> {
  single_parameter: boolean;
  direction: 'rising' | 'steady' | 'falling' | null;
}

export interface WardScores {
  as_of: string;
  patients: { patient: string; scores: WardScore[] }[];
}
