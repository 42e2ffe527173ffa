// ECG paper: what a millimetre across and a millimetre up stand for, and where the lines of the grid lie.
import { pixelsPerMm } from '../wave/sweep';

/** mm/s and mm/mV that a recorder can be set to (IEC 60601-2-27: 25 mm/s and 10 mm/mV are the standard). */
export const speeds = [12.5, 25, 50] as const;
export const gains = [5, 10, 20] as const;

export interface PaperScale {
  mmPerSecond: number;
  mmPerMv: number;
}

export const standardScale: PaperScale = { mmPerSecond: 25, mmPerMv: 10 };

/** The bold lines of the grid. */
export const boldEveryMm = 5;

export const pixelsPerSecond = ({ mmPerSecond }: PaperScale): number => mmPerSecond * pixelsPerMm;

/** The calibration mark: 1 mV for so long. */
export const calibrationMs = 200;
/** Around it. */
const airMm = 2;

export const calibrationMm = ({ mmPerSecond }: PaperScale): number =>
  (mmPerSecond * calibrationMs) / 1000;

/** What the mark needs at the left, where no trace is drawn: so wide that the bold lines go on as they are. */
export const marginMm = (scale: PaperScale): number =>
  Math.ceil((calibrationMm(scale) + 2 * airMm) / boldEveryMm) * boldEveryMm;

/** The mark as points in mm, its foot at 0, 0; up is negative, as on a screen. */
export function calibrationMark(scale: PaperScale): readonly (readonly [number, number])[] {
  const wide = calibrationMm(scale);
  const high = -scale.mmPerMv;
  return [
    [-airMm / 2, 0],
    [0, 0],
    [0, high],
    [wide, high],
    [wide, 0],
    [wide + airMm / 2, 0],
  ];
}

/** The millimetres of the grid within a span of mm; bold or fine. */
export function gridLines(fromMm: number, toMm: number, bold: boolean): number[] {
  const lines: number[] = [];
  for (let mm = Math.ceil(fromMm - 1e-9) + 0; mm <= toMm + 1e-9; mm += 1)
    if ((mm % boldEveryMm === 0) === bold) lines.push(mm);
  return lines;
}
