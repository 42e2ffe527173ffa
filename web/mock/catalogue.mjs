// The rows of the metric catalogue that the made-up ward uses.

const row = (key, display, kind, unit, unit_shown, expected_interval_s, low, high, more = {}) => ({
  key,
  display,
  kind,
  unit,
  unit_shown,
  expected_interval_s,
  plausible_min: low,
  plausible_max: high,
  molar_mass: null,
  mdc_refid: '',
  mdc_code: 0,
  loinc: '',
  ...more,
});

export const catalogue = [
  row('heart_rate', 'Heart rate (ECG-derived)', 'numeric', '/min', '1/min', 1, '10', '350'),
  row('spo2', 'Oxygen saturation by pulse oximetry', 'numeric', '%', '%', 1, '0', '100'),
  row('pulse_rate_spo2', 'Pulse rate from pulse oximeter', 'numeric', '/min', '1/min', 1, '10', '350'),
  row('resp_rate', 'Respiratory rate (source unspecified)', 'numeric', '/min', '1/min', 1, '0', '150'),
  row('nibp_sys', 'NIBP systolic', 'numeric', 'mm[Hg]', 'mmHg', 0, '20', '300'),
  row('nibp_dia', 'NIBP diastolic', 'numeric', 'mm[Hg]', 'mmHg', 0, '10', '250'),
  row('nibp_mean', 'NIBP mean', 'numeric', 'mm[Hg]', 'mmHg', 0, '10', '270'),
  row('temp_body', 'Body temperature (site unspecified)', 'numeric', 'Cel', '°C', 60, '20', '45'),
  row('etco2', 'End-tidal CO2', 'numeric', 'mm[Hg]', 'mmHg', 1, '0', '150'),
  row('abp_sys', 'Arterial blood pressure (ABP label) sys', 'numeric', 'mm[Hg]', 'mmHg', 1, '10', '350'),
  row('abp_dia', 'Arterial blood pressure (ABP label) dia', 'numeric', 'mm[Hg]', 'mmHg', 1, '0', '300'),
  row('abp_mean', 'Arterial blood pressure (ABP label) mean', 'numeric', 'mm[Hg]', 'mmHg', 1, '0', '320'),
  row('cvp_mean', 'Central venous pressure mean', 'numeric', 'mm[Hg]', 'mmHg', 1, '-20', '60'),
  row('glucose_cgm', 'Glucose interstitial (CGM)', 'numeric', 'mg/dL', 'mg/dL', 300, '20', '600', {
    molar_mass: '180.156',
  }),
  row('weight', 'Body weight', 'numeric', 'kg', 'kg', 0, '0.2', '650'),
  row('ecg_ii', 'ECG waveform lead II', 'waveform', 'mV', 'mV', 1, '-20', '20'),
  row('pleth', 'Plethysmogram waveform', 'waveform', '1', '', 1, null, null),
  row('resp_wave', 'Respiration waveform (impedance)', 'waveform', 'Ohm', 'Ω', 1, null, null),
  row('abp_wave', 'Arterial blood pressure (ABP label) waveform', 'waveform', 'mm[Hg]', 'mmHg', 1, '-50', '400'),
  row('co2_wave', 'CO2 waveform', 'waveform', 'mm[Hg]', 'mmHg', 1, '0', '150'),
];

export const metricByKey = new Map(catalogue.map((metric) => [metric.key, metric]));
