// Every component in every state, for people who build and for the screenshot tests.
import { useEffect, useMemo } from 'preact/hooks';
import { appearance } from '../state/appearance';
import { preferences } from '../state/preferences';
import { BedTile } from '../ui/bed_tile';
import { Heartbeat, LostBanner } from '../ui/connection_line';
import { ConsentEntry } from '../ui/consents_panel';
import { NumericButton, NumericTile } from '../ui/numeric_tile';
import { RawBytes } from '../ui/raw_bytes';
import { ScoreStanding } from '../ui/scores_panel';
import { SecurityLabels } from '../ui/security_labels';
import { viewer } from '../ui/speech';
import type { WaveColour } from '../vital/slots';
import { t } from '../words';
import { sampleBeds, sampleCatalogue, sampleViews, sampleWaves } from './component_samples';
import { sampleConsents, sampleLabelled } from './consent_samples';
import { sampleScores } from './score_samples';
import './components_page.css';

const colours: WaveColour[] = ['ecg', 'pleth', 'resp', 'abp', 'cvp', 'co2', 'temp', 'other'];

/** The names here are those in the code: they are not translated. */
export function ComponentsPage() {
  // The clock stands still here, so that a value stays as old as it is meant to look.
  const nowMs = useMemo(() => Date.now(), []);
  const beds = useMemo(() => sampleBeds(nowMs), [nowMs]);
  useEffect(() => {
    const live = beds.slice(0, 2).map((bed) => sampleWaves(bed.patient));
    return () => live.forEach((end) => end());
  }, [beds]);
  const around = {
    catalogue: sampleCatalogue,
    nowMs,
    viewer: viewer.value,
    preferences: preferences.value,
    palette: appearance.value,
  };
  const views = sampleViews();
  return (
    <div class="components">
      <h1>{t('components.title')}</h1>
      <h2>BedTile</h2>
      <div class="components__beds">
        {beds.map(({ name, patient }) => (
          <figure key={name}>
            <BedTile place={{ unit: 'ICU 1', bed: name, patient }} around={around} />
            <figcaption>{name}</figcaption>
          </figure>
        ))}
      </div>
      <h2>NumericTile</h2>
      <div class="components__numerics">
        {views.map(({ name, view }, i) => (
          <figure key={name}>
            <NumericTile name={name} view={view} colour={colours[i] ?? 'other'} large={false} />
          </figure>
        ))}
      </div>
      <h2>NumericButton</h2>
      <div class="components__numerics">
        {views.map(({ name, view }, i) => (
          <NumericButton
            key={name}
            name={name}
            view={view}
            colour={colours[i] ?? 'other'}
            chosen={i === 1}
            onAsk={() => undefined}
          />
        ))}
      </div>
      <h2>ScoreStanding</h2>
      <div class="components__beds">
        {sampleScores(nowMs).map(({ name, score }) => (
          <figure key={name}>
            <ul>
              <ScoreStanding score={score} onOpen={() => undefined} />
            </ul>
            <figcaption>{name}</figcaption>
          </figure>
        ))}
      </div>
      <h2>Heartbeat, LostBanner</h2>
      <Heartbeat connection={{ state: 'live', since: 0 }} beats={0} />
      <Heartbeat connection={{ state: 'lost', since: 0, attempt: 3 }} beats={0} />
      <LostBanner connection={{ state: 'lost', since: nowMs - 12_000, attempt: 3 }} nowMs={nowMs} />
      <h2>Buttons</h2>
      <p class="components__row">
        <button>Plain</button>
        <button class="primary">Primary</button>
        <button aria-pressed="true">Pressed</button>
        <button disabled>Disabled</button>
      </p>
      <h2>ConsentEntry</h2>
      <ul class="agreements components__consents">
        {sampleConsents.map((consent) => (
          <ConsentEntry
            key={consent.id}
            consent={consent}
            names={new Map()}
            nowMs={nowMs}
            onWithdraw={consent.status === 'active' ? () => undefined : null}
          />
        ))}
      </ul>
      <h2>SecurityLabels</h2>
      <p>
        <SecurityLabels of={sampleLabelled} />
      </p>
      <h2>RawBytes</h2>
      <RawBytes base64="eyJoZWFydF9yYXRlIjogNzIsICJ0cyI6ICJ5ZXN0ZXJkYXkifQ==" />
    </div>
  );
}
