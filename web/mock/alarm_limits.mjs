// The limits of the made-up unit: some rows of data/alarm-limits.tsv.
const rows = [
  // condition, words, metric, unit, adult, paediatric, neonate, hysteresis, on, off, priority
  ['heart_rate_high', 'Heart rate high', 'heart_rate', '/min', '120', '160', '200', '0', 5, 3],
  ['heart_rate_low', 'Heart rate low', 'heart_rate', '/min', '50', '75', '100', '0', 5, 3],
  ['spo2_low', 'SpO2 low', 'spo2', '%', '90', '90', '85', '1', 15, 5],
  ['spo2_desaturation', 'Desaturation', 'spo2', '%', '80', '80', '80', '1', 10, 5, 'high'],
  ['resp_rate_high', 'Respiratory rate high', 'resp_rate', '/min', '30', '30', '100', '0', 15, 5],
  ['resp_rate_low', 'Respiratory rate low', 'resp_rate', '/min', '8', '8', '30', '0', 15, 5],
  ['nibp_sys_high', 'NIBP systolic high', 'nibp_sys', 'mmHg', '160', '120', '90', '0', 0, 0],
  ['nibp_sys_low', 'NIBP systolic low', 'nibp_sys', 'mmHg', '90', '70', '40', '0', 0, 0],
  [
    'temperature_high',
    'Temperature high',
    'temp_body',
    '°C',
    '38.0',
    '38.0',
    '38.0',
    '0',
    0,
    0,
    'low',
  ],
  [
    'temperature_low',
    'Temperature low',
    'temp_body',
    '°C',
    '35.0',
    '35.0',
    '36.0',
    '0',
    0,
    0,
    'low',
  ],
];

const columns = { adult: 4, paediatric: 5, neonate: 6 };

export const unitLimits = (ageClass) =>
  rows.map((row) => {
    const six = {
      limit: row[columns[ageClass]],
      hysteresis: row[7],
      on_delay_s: row[8],
      off_delay_s: row[9],
      priority: row[10] ?? 'medium',
      enabled: true,
    };
    const [condition, words, metric, unit_shown] = row;
    const can_switch_off = condition !== 'spo2_desaturation';
    const about = { condition, words, metric, unit_shown, can_switch_off, source: 'customary' };
    return { ...about, ...six, unit_default: six, changed: null };
  });
