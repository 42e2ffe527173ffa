// Units by the viewer's convention. A conversion is for reading only: what is kept, and what the
// provenance panel shows, is what the device sent.
import type { Metric, Reading } from '../api/shapes';
import { decimalsOf } from './format';

export interface UnitConvention {
  temperature: 'Cel' | '[degF]';
  pressure: 'mm[Hg]' | 'kPa';
  glucose: 'mg/dL' | 'mmol/L';
}

export const defaultConvention: UnitConvention = {
  temperature: 'Cel',
  pressure: 'mm[Hg]',
  glucose: 'mg/dL',
};

interface Conversion {
  factor: number;
  offset: number;
  /** Digits gained (or lost) behind the mark, so that the precision stays the device's. */
  digits: number;
}

const shownNames: Record<string, string> = {
  '/min': '/min',
  Cel: '°C',
  '[degF]': '°F',
  'mm[Hg]': 'mmHg',
  'cm[H2O]': 'cmH₂O',
  '1': '',
};

/** A unit as people write it; the server's own words where it is none of the ward's. */
export function shownUnit(ucum: string, fromServer: string): string {
  return shownNames[ucum] ?? fromServer;
}

/** Of a unit that is told in the server's words alone: a rate is "/min" to the ward, not "1/min". */
export const wardUnit = (shown: string): string => shown.replace(/^1\//, '/');

/** The unit in which this viewer reads a metric whose normal unit is `normal`. */
export function preferredUnit(normal: string, metric: string, convention: UnitConvention): string {
  if (normal === 'Cel') return convention.temperature;
  // Airway pressures stay in cmH2O everywhere: only mmHg gives way to kPa.
  if (normal === 'mm[Hg]') return convention.pressure;
  if (metric.startsWith('glucose_') && normal === 'mg/dL') return convention.glucose;
  return normal;
}

function conversion(from: string, to: string, molarMass: string | null): Conversion | null {
  if (from === to) return { factor: 1, offset: 0, digits: 0 };
  if (from === 'Cel' && to === '[degF]') return { factor: 1.8, offset: 32, digits: 0 };
  if (from === 'mm[Hg]' && to === 'kPa') return { factor: 0.133322387415, offset: 0, digits: 1 };
  if (from === 'mg/dL' && to === 'mmol/L' && molarMass)
    return { factor: 10 / Number(molarMass), offset: 0, digits: 1 };
  return null;
}

export interface Shown {
  text: string;
  unit: string;
  /** True where the digits are not the device's own. */
  converted: boolean;
}

/** A numeric reading in the viewer's unit, or as sent where that cannot be had. */
export function inConvention(
  reading: Reading,
  metric: Metric | undefined,
  convention: UnitConvention,
): Shown {
  const asSent = {
    text: reading.value ?? '',
    unit: shownUnit(reading.unit, reading.unit_shown),
    converted: false,
  };
  if (!metric || reading.normal === null) return asSent;
  const wanted = preferredUnit(metric.unit, metric.key, convention);
  if (wanted === reading.unit) return asSent;
  const into = conversion(metric.unit, wanted, metric.molar_mass);
  if (!into) return asSent;
  const text = into.factor === 1 ? reading.normal : convertText(reading.normal, into);
  const unit = shownUnit(wanted, wanted === metric.unit ? metric.unit_shown : wanted);
  return { text, unit, converted: true };
}

function convertText(text: string, into: Conversion): string {
  const digits = Math.max(0, decimalsOf(text) + into.digits);
  return (Number(text) * into.factor + into.offset).toFixed(digits);
}

export interface AxisUnit {
  unit: string;
  convert: (value: number) => number;
}

/** The same for a trend's columns, which come in the metric's normal unit. */
export function axisUnit(metric: Metric, convention: UnitConvention): AxisUnit {
  const wanted = preferredUnit(metric.unit, metric.key, convention);
  const into = conversion(metric.unit, wanted, metric.molar_mass);
  if (!into) return { unit: shownUnit(metric.unit, metric.unit_shown), convert: (value) => value };
  return {
    unit: shownUnit(wanted, wanted === metric.unit ? metric.unit_shown : wanted),
    convert: (value) => value * into.factor + into.offset,
  };
}
