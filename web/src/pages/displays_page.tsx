// Screens that people rely on for alarms: which ones must confirm, which have stopped, and whether this
// browser is one.
import { useSignal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { readPatients } from '../api/calls';
import { addDisplay, readDisplays, releaseDisplay, type Display } from '../api/display_calls';
import { sayWhichScreen } from '../state/alarm_watch';
import { me } from '../state/me';
import { becomeScreen, screenAnswer, screenKey } from '../state/screen';
import { isSilent } from '../state/sounding';
import { now } from '../state/watch';
import { AlarmTabs } from '../ui/alarm_tabs';
import { Dialog } from '../ui/dialog';
import { errorText } from '../ui/error_text';
import { Field, onSubmit, Outcome, textOf } from '../ui/form';
import { agoText } from '../ui/speech';
import { Table, type Column } from '../ui/table';
import { age } from '../vital/freshness';
import { localMinute } from '../vital/format';
import { locale, t } from '../words';
import { displayWords as d } from '../words/displays';
import './displays_page.css';

const refreshMs = 5000;
const time = (text: string) => localMinute(Date.parse(text), locale.value);
const unitText = (unit: string) => unit || d('everywhere');

function State({ display }: { display: Display }) {
  if (display.lost_since === null) return <>{d('confirms')}</>;
  const ago = agoText(age(Date.parse(display.lost_since), now.value));
  return <strong class="displays__lost">{d('lost', { ago })}</strong>;
}

function columns(onRelease: (display: Display) => void): Column<Display>[] {
  return [
    {
      title: d('name'),
      names: true,
      wraps: true,
      cell: (one) => (
        <>
          {one.name} {one.id === screenKey.value?.id && <span class="quiet">{d('this')}</span>}
        </>
      ),
      sort: (one) => one.name,
    },
    {
      title: d('unit'),
      wraps: true,
      cell: (one) => unitText(one.unit),
      sort: (one) => one.unit,
    },
    {
      title: d('state'),
      wraps: true,
      cell: (one) => <State display={one} />,
      sort: (one) => (one.lost_since === null ? 1 : 0),
    },
    {
      title: d('sound'),
      cell: (one) => d(one.sounds ? 'sounds' : 'silent'),
    },
    {
      title: d('set_up'),
      wraps: true,
      cell: (one) => (
        <>
          {one.by}
          <small class="table__aside">{time(one.since)}</small>
        </>
      ),
      sort: (one) => Date.parse(one.since),
    },
    {
      title: d('end'),
      cell: (one) => (
        <button onClick={() => onRelease(one)} aria-label={d('release_of', { name: one.name })}>
          {d('release')}
        </button>
      ),
    },
  ];
}

function ReleaseDialog({
  display,
  onDone,
  onClose,
}: {
  display: Display;
  onDone: (rest: Display[]) => void;
  onClose: () => void;
}) {
  const trouble = useSignal<string | null>(null);
  const submit = async (form: FormData) => {
    const answer = await releaseDisplay(display.id, textOf(form, 'reason'));
    if (answer.ok) {
      if (display.id === screenKey.peek()?.id) becomeScreen(null);
      onDone(answer.body.displays);
    } else trouble.value = errorText(answer.error);
    return answer.ok;
  };
  return (
    <Dialog title={d('release_of', { name: display.name })} onClose={onClose}>
      <form class="fields" onSubmit={onSubmit(submit)}>
        <p>{d('release_means')}</p>
        <Field label={t('pause.reason')}>
          <input name="reason" required maxLength={250} autoComplete="off" autoFocus />
        </Field>
        <Outcome text={trouble.value} />
        <div class="actions">
          <button type="button" onClick={onClose}>
            {t('app.cancel')}
          </button>
          <button class="primary">{d('release')}</button>
        </div>
      </form>
    </Dialog>
  );
}

/** The units to choose from; whoever looks after everybody may leave it empty. */
function useUnits(): Signal<readonly string[]> {
  const units = useSignal<readonly string[]>(me.peek()?.units ?? []);
  useEffect(() => {
    if (!me.peek()?.everyone) return;
    void readPatients().then((answer) => {
      if (!answer.ok) return;
      const all = answer.body.patients.flatMap(({ unit }) => unit ?? []);
      units.value = [...new Set(all)].sort();
    });
  }, [units]);
  return units;
}

function MakeForm({ onMade }: { onMade: () => void }) {
  const units = useUnits();
  const trouble = useSignal<string | null>(null);
  const submit = async (form: FormData) => {
    const answer = await addDisplay({
      name: textOf(form, 'name'),
      unit: textOf(form, 'unit'),
      sounds: form.get('sounds') !== null,
    });
    if (!answer.ok) {
      trouble.value = errorText(answer.error);
      return false;
    }
    const { id, key } = answer.body;
    trouble.value = becomeScreen({ id, key }) ? null : d('not_kept');
    sayWhichScreen();
    onMade();
    return true;
  };
  return (
    <form class="fields" onSubmit={onSubmit(submit)}>
      <p>{d('make_means')}</p>
      <Field label={d('name')} hint={d('name_hint')}>
        <input name="name" required maxLength={60} autoComplete="off" />
      </Field>
      <Field label={d('unit')}>
        <select name="unit">
          {me.value?.everyone && <option value="">{d('everywhere')}</option>}
          {units.value.map((unit) => (
            <option key={unit}>{unit}</option>
          ))}
        </select>
      </Field>
      <label class="check">
        <input type="checkbox" name="sounds" defaultChecked /> {d('sounds_wanted')}
      </label>
      <Outcome text={trouble.value} />
      <div class="actions">
        <button class="primary">{d('make')}</button>
      </div>
    </form>
  );
}

/** What the server says of this browser. */
function ThisScreen() {
  const answer = screenAnswer.value;
  if (!answer) return <p>{d('asking')}</p>;
  if (!answer.expected)
    return (
      <>
        <p class="notice">{d('refused')}</p>
        <div class="actions">
          <button onClick={() => becomeScreen(null)}>{d('forget')}</button>
        </div>
      </>
    );
  const isUnheard = answer.sounds === true && isSilent.value;
  return (
    <>
      <p>{d('is', { name: answer.name ?? '', unit: unitText(answer.unit ?? '') })}</p>
      {isUnheard && <p class="notice">{d('unheard')}</p>}
    </>
  );
}

export function DisplaysPage() {
  const displays = useSignal<readonly Display[] | null>(null);
  const trouble = useSignal<string | null>(null);
  const releasing = useSignal<Display | null>(null);
  const load = async () => {
    const answer = await readDisplays();
    trouble.value = answer.ok ? null : errorText(answer.error);
    if (answer.ok) displays.value = answer.body.displays;
  };
  useEffect(() => {
    void load();
    const again = setInterval(() => void load(), refreshMs);
    return () => clearInterval(again);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, and again as time goes by
  }, []);
  const all = displays.value;
  return (
    <div class="page page--alone">
      <header class="page__head">
        <h1>{d('title')}</h1>
        <p class="quiet">{d('lead')}</p>
        <AlarmTabs at="displays" />
      </header>
      <Outcome text={trouble.value} />
      {all?.length === 0 && <p>{d('none')}</p>}
      {all !== null && all.length > 0 && (
        <Table
          caption={d('title')}
          columns={columns((display) => (releasing.value = display))}
          rows={all}
          keyOf={(one) => one.id}
        />
      )}
      <section class="card" aria-labelledby="this-screen">
        <h2 id="this-screen">{d('this_screen')}</h2>
        {screenKey.value ? <ThisScreen /> : <MakeForm onMade={() => void load()} />}
      </section>
      {releasing.value && (
        <ReleaseDialog
          display={releasing.value}
          onDone={(rest) => {
            displays.value = rest;
            releasing.value = null;
          }}
          onClose={() => (releasing.value = null)}
        />
      )}
    </div>
  );
}
