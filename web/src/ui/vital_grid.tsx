// Every vital sign of a patient, each a button that asks where it comes from.
import type { Metric, Reading } from '../api/shapes';
import type { SeriesLive } from '../state/patient_live';
import { colourOf } from '../vital/slots';
import { pressureView, valueView, type ValueView } from '../vital/value_view';
import { vitalsOf, type Vital } from '../vital/vitals';
import { t } from '../words';
import { NumericButton } from './numeric_tile';
import { vitalName } from './metric_names';
import { viewer } from './speech';
import './vital_grid.css';

interface Props {
  series: readonly SeriesLive[];
  catalogue: ReadonlyMap<string, Metric>;
  nowMs: number;
  asked: Reading | null;
  onAsk: (reading: Reading) => void;
}

export const leading = (vital: Vital) => (vital.kind === 'single' ? vital.series : vital.systolic);

export function viewOf(
  vital: Vital,
  { catalogue, nowMs }: Pick<Props, 'catalogue' | 'nowMs'>,
): ValueView {
  const metricOf = (key: string) => catalogue.get(key);
  if (vital.kind === 'pressure') return pressureView(vital, metricOf, nowMs, viewer.value);
  return valueView(vital.series, metricOf(vital.series.metric), nowMs, viewer.value);
}

export function VitalGrid(props: Props) {
  const { series, catalogue, nowMs, asked, onAsk } = props;
  const vitals = vitalsOf(series, nowMs);
  if (vitals.length === 0)
    return <p class="vital-grid vital-grid--empty quiet">{t('patient.no_values')}</p>;
  return (
    <section class="vital-grid" aria-label={t('patient.vitals')}>
      {vitals.map((vital) => {
        const of = leading(vital);
        const name = vitalName(
          vital.kind === 'pressure' ? vital.stem : of.metric,
          catalogue.get(of.metric)?.display ?? of.metric,
        );
        return (
          <NumericButton
            key={vital.key}
            name={name}
            view={viewOf(vital, props)}
            colour={colourOf(of.metric)}
            chosen={asked?.metric === of.metric && asked.device === of.device}
            onAsk={() => onAsk(of.latest)}
          />
        );
      })}
    </section>
  );
}
