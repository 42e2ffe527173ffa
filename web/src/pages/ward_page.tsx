// The ward: every bed on one screen, where it always is.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Me } from '../api/access_shapes';
import { keyOfPatient } from '../alarm/standing';
import type { AlarmBed } from '../api/alarm_shapes';
import { alarmBeds, alarmWatching } from '../state/alarm_watch';
import { appearance } from '../state/appearance';
import { may, me } from '../state/me';
import { change, preferences } from '../state/preferences';
import { catalogue, isLost, loadWard, now, ward, wardError, watch } from '../state/watch';
import type { BedPlace } from '../state/ward';
import { byRisk } from '../state/ward_scores';
import { BedTile } from '../ui/bed_tile';
import { errorText } from '../ui/error_text';
import { useKeys } from '../ui/keys';
import { loaded } from '../ui/loaded';
import { viewer } from '../ui/speech';
import { tileGrid } from '../vital/tile_grid';
import { tileMetrics } from '../vital/slots';
import { t } from '../words';
import './ward_page.css';

const TileScore = loaded(() => import('../ui/ward_scores').then((it) => it.TileScore));
const WardScores = loaded(() => import('../ui/ward_scores').then((it) => it.WardScores));

const retryMs = 3000;

/** Arrow keys go to the neighbour as it is seen, not as it is listed. */
function moveFocus(key: string): void {
  const links = [...document.querySelectorAll<HTMLElement>('.bed-tile__link')];
  const from = links.indexOf(document.activeElement as HTMLElement);
  if (from < 0) {
    links[0]?.focus();
    return;
  }
  const top = (link: HTMLElement | undefined) => link?.getBoundingClientRect().top ?? 0;
  const columns = links.filter((link) => Math.abs(top(link) - top(links[0])) < 2).length;
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key] ?? 0;
  links[from + step]?.focus();
}

const idOf = (place: BedPlace): string => place.patient.patient.value.id;

function heading(beds: readonly BedPlace[]): string {
  const units = [...new Set(beds.map((bed) => bed.unit))];
  const [only] = units;
  const unit = units.length === 1 && only ? only : t('ward.several_units', { n: units.length });
  return t('ward.heading', { unit, n: beds.length });
}

/** Whether a bed is watched is known as long as alarms arrive. */
function alarmsOf(place: BedPlace): { alarms?: AlarmBed | null } {
  if (alarmWatching.value !== 'watching') return {};
  const bed = alarmBeds.value.get(keyOfPatient(idOf(place)));
  return { alarms: bed ?? null };
}

function Tiles({ beds }: { beds: readonly BedPlace[] }) {
  const element = useRef<HTMLDivElement>(null);
  const grid = useSignal({ columns: 1, rows: 1 });
  useEffect(() => {
    const tiles = element.current;
    if (!tiles) return undefined;
    const sizes = new ResizeObserver(() => {
      grid.value = tileGrid(beds.length, tiles.clientWidth, tiles.clientHeight);
    });
    sizes.observe(tiles);
    return () => sizes.disconnect();
  }, [beds.length, grid]);
  const { columns, rows } = grid.value;
  const around = {
    catalogue,
    nowMs: now.value,
    viewer: viewer.value,
    preferences: preferences.value,
    palette: `${appearance.value} ${isLost.value}`,
  };
  return (
    <div
      ref={element}
      class="ward__tiles"
      style={{ '--columns': String(columns), '--rows': String(rows) }}
    >
      {beds.map((place) => (
        <BedTile
          key={idOf(place)}
          place={place}
          around={around}
          score={<TileScore patient={idOf(place)} />}
          {...alarmsOf(place)}
        />
      ))}
    </div>
  );
}

function Empty({ who }: { who: Me | null }) {
  if (who && !who.everyone)
    return (
      <div class="page-note">
        <h1>
          {who.units.length > 0
            ? t('ward.empty_units', { units: who.units.join(', ') })
            : t('ward.no_units')}
        </h1>
        <p>{t('ward.no_units_how', { username: who.username })}</p>
      </div>
    );
  return (
    <div class="page-note">
      <h1>{t('ward.empty')}</h1>
      {may('patients', 'w') && (
        <p>
          {t('ward.empty_how')} <a href="/patients">{t('patients.admit')}</a>
        </p>
      )}
    </div>
  );
}

export function WardPage({ isByRisk }: { isByRisk: boolean }) {
  useEffect(() => {
    // First the beds, then their readings: the stream's history would find nobody to belong to.
    void loadWard().then(() =>
      watch({ patients: 'all', metrics: [...tileMetrics], waveforms: true }),
    );
  }, []);
  const failed = wardError.value !== null;
  useEffect(() => {
    if (!failed) return undefined;
    const timer = setInterval(() => void loadWard(), retryMs);
    return () => clearInterval(timer);
  }, [failed]);
  const { initials } = preferences.value;
  const arrow = (event: KeyboardEvent) => moveFocus(event.key);
  useKeys({
    i: () => change({ initials: !preferences.peek().initials }),
    ArrowLeft: arrow,
    ArrowRight: arrow,
    ArrowUp: arrow,
    ArrowDown: arrow,
  });
  const beds = ward.beds.value;
  if (beds === null)
    return (
      <p class="page-note" role="status">
        {wardError.value ? errorText(wardError.value) : t('app.loading', { what: t('ward.title') })}
      </p>
    );
  if (beds.length === 0) return <Empty who={me.value} />;
  return (
    <div class="ward">
      <div class="ward__head">
        <h1>{heading(beds)}</h1>
        <div class="ward__acts">
          <WardScores isByRisk={isByRisk} />
          <button aria-pressed={initials} onClick={() => change({ initials: !initials })}>
            {t('ward.privacy')}
          </button>
        </div>
      </div>
      <Tiles beds={isByRisk ? byRisk(beds, idOf) : beds} />
    </div>
  );
}
