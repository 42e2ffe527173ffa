// One value: large digits, and beside them what it is, its unit, its age and its marks.
import type { Mark, ValueView } from '../vital/value_view';
import type { WaveColour } from '../vital/slots';
import { t } from '../words';
import { ageText, spokenValue } from './speech';
import './numeric_tile.css';

interface Face {
  name: string;
  view: ValueView;
  colour: WaveColour;
}

function Marks({ marks }: { marks: Mark[] }) {
  return (
    <>
      {marks.map((mark) => (
        <span key={mark} class="mark" data-mark={mark} title={t(`mark.${mark}`)}>
          {t(`mark.${mark}.letter`)}
        </span>
      ))}
    </>
  );
}

function AgeLine({ view }: { view: ValueView }) {
  if (view.look === 'none') return <span class="numeric__age">{t('value.none')}</span>;
  const age = ageText(view.age);
  if (view.look !== 'absent') return <span class="numeric__age">{age}</span>;
  return (
    <span class="numeric__age">
      <span class="numeric__age-words">{t('value.no_data', { age })}</span>
      {/* Where there is no room for words; the value itself is struck back to an outline. */}
      <span class="numeric__age-alone">{age}</span>
    </span>
  );
}

function NumericFace({ name, view }: Omit<Face, 'colour'>) {
  return (
    <>
      <span class="numeric__about">
        <span class="numeric__name">
          {name} {view.look !== 'none' && <small>{view.unit}</small>}
        </span>
        <span class="numeric__state">
          <AgeLine view={view} />
          {view.look !== 'none' && <Marks marks={view.marks} />}
        </span>
      </span>
      <span
        class="numeric__value"
        data-words={view.look !== 'none' && view.words}
        data-long={view.look !== 'none' && view.text.length > 5}
      >
        {view.look === 'none' ? t('value.dash') : view.text}
        {view.look !== 'none' && view.aside && <small> {view.aside}</small>}
      </span>
    </>
  );
}

/** For looking at. */
export function NumericTile({ name, view, colour, large }: Face & { large: boolean }) {
  return (
    <div
      class="numeric"
      role="img"
      aria-label={spokenValue(name, view)}
      data-look={view.look}
      data-colour={colour}
      data-large={large}
    >
      <NumericFace name={name} view={view} />
    </div>
  );
}

/** For asking where it came from. */
export function NumericButton({
  name,
  view,
  colour,
  chosen,
  onAsk,
}: Face & { chosen: boolean; onAsk: () => void }) {
  return (
    <button
      type="button"
      class="numeric numeric--asks"
      aria-pressed={chosen}
      data-look={view.look}
      data-colour={colour}
      onClick={onAsk}
    >
      <span class="only-heard">{`${spokenValue(name, view)}. ${t('value.origin_of')}`}</span>
      <span class="numeric__face" aria-hidden="true">
        <NumericFace name={name} view={view} />
      </span>
    </button>
  );
}
