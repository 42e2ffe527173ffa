// Who is told of alarms away from the screens: one's own duty, who has which now, and how people and systems are
// reached.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { dutiesOfUnit, isNow, reachOf, type UnitDuties } from '../alarm/duties';
import { endDuty, readContacts, readDuties, removeContact, testContact } from '../api/duty_calls';
import type { Contact, Contacts, Duty } from '../api/duty_shapes';
import type { Me } from '../api/access_shapes';
import type { ApiErrorBody, Patient } from '../api/shapes';
import { namesOf, unitsOf, usePeople } from '../state/alarm_units';
import { may, mayDo, me } from '../state/me';
import { now } from '../state/watch';
import { AlarmTabs } from '../ui/alarm_tabs';
import { PersonForm, SystemForm } from '../ui/contact_forms';
import { DutyForm } from '../ui/duty_form';
import { asText, dutyText, toldText, untilText, whomText, type Names } from '../ui/duty_words';
import { errorText } from '../ui/error_text';
import { Outcome } from '../ui/form';
import { ShownOnce } from '../ui/secret_dialog';
import { Table, type Column } from '../ui/table';
import { localMinute } from '../vital/format';
import { locale } from '../words';
import { dutyWords as d } from '../words/duties';
import './duties_page.css';

// --- Duties

interface Acts {
  say: (text: string) => void;
  again: () => void;
}

/** Does it, says what came of it, and reads anew what stands. */
async function done(
  act: Promise<{ ok: true } | { ok: false; error: ApiErrorBody }>,
  said: string,
  { say, again }: Acts,
) {
  const answer = await act;
  say(answer.ok ? said : errorText(answer.error));
  if (answer.ok) again();
}

function EndDuty({ duty, names, acts }: { duty: Duty; names: Names; acts: Acts }) {
  const words = { duty: dutyText(duty, names) };
  return (
    <button
      aria-label={d('end_of', words)}
      onClick={() => void done(endDuty(duty.id), d('ended', words), acts)}
    >
      {d('end')}
    </button>
  );
}

function Mine({
  who,
  duties,
  contacts,
  patients,
  units,
  names,
  acts,
}: {
  who: Me;
  duties: readonly Duty[];
  contacts: readonly Contact[];
  patients: readonly Patient[];
  units: readonly string[];
  names: Names;
  acts: Acts;
}) {
  const mine = duties.filter(({ account }) => account === who.username);
  const reach = reachOf(who.username, duties, contacts, now.value);
  return (
    <section class="card" aria-labelledby="mine">
      <h2 id="mine">{d('mine')}</h2>
      <p class={reach === 'told' ? '' : 'notice'}>{d(`reach.${reach}`)}</p>
      {mine.length === 0 && <p class="quiet">{d('none')}</p>}
      <ul class="duties">
        {mine.map((duty) => (
          <li key={duty.id}>
            <span>
              <strong>{asText(duty.as)}</strong> {whomText(duty, names)},{' '}
              {untilText(duty, now.value)}
            </span>
            {may('vitals', 'w') && <EndDuty duty={duty} names={names} acts={acts} />}
          </li>
        ))}
      </ul>
      {may('vitals', 'w') && (
        <DutyForm
          account={who.username}
          units={units}
          everyUnit={who.everyone}
          patients={patients}
          onTaken={(duty) => {
            acts.say(d('taken', { duty: dutyText(duty, names) }));
            acts.again();
          }}
        />
      )}
    </section>
  );
}

const dutyColumns = (who: Me, names: Names, acts: Acts): Column<Duty>[] => [
  { title: d('column.who'), names: true, cell: ({ account }) => account, sort: (it) => it.account },
  { title: d('column.as'), wraps: true, cell: ({ as }) => asText(as) },
  { title: d('column.of'), wraps: true, cell: (duty) => whomText(duty, names) },
  { title: d('column.until'), cell: (duty) => untilText(duty, now.value), sort: (it) => it.until },
  ...(mayDo(who, 'vitals', 'w')
    ? [
        {
          title: d('column.acts'),
          cell: (duty: Duty) => <EndDuty duty={duty} names={names} acts={acts} />,
        },
      ]
    : []),
];

/** A unit that nobody looks after from afar is the first thing to see of it. */
function Unit({
  of: { unit, now: standing, open },
  columns,
}: {
  of: UnitDuties;
  columns: Column<Duty>[];
}) {
  return (
    <section class="duties-unit" aria-label={unit}>
      <h3>{unit}</h3>
      {standing.length === 0 ? (
        <p class="notice">{d('nobody', { unit })}</p>
      ) : (
        <>
          <Table
            caption={`${d('now')}: ${unit}`}
            columns={columns}
            rows={standing}
            keyOf={({ id }) => id}
          />
          {open.length > 0 && <p class="quiet">{d('open', { list: asText(open) })}</p>}
        </>
      )}
    </section>
  );
}

// --- Contacts

function ContactActs({ contact: { id, address }, acts }: { contact: Contact; acts: Acts }) {
  const isBusy = useSignal(false);
  const test = async () => {
    isBusy.value = true;
    acts.say(d('testing'));
    const answer = await testContact(id);
    isBusy.value = false;
    acts.say(
      answer.ok
        ? d(answer.body.outcome, { address, said: answer.body.said })
        : errorText(answer.error),
    );
  };
  return (
    <span class="table__pair">
      <button
        disabled={isBusy.value}
        aria-label={d('test_of', { address })}
        onClick={() => void test()}
      >
        {d('test')}
      </button>
      <button
        aria-label={d('remove_of', { address })}
        onClick={() => void done(removeContact(id), d('removed', { address }), acts)}
      >
        {d('remove')}
      </button>
    </span>
  );
}

const contactColumns = (acts: Acts): Column<Contact>[] => [
  { title: d('column.address'), names: true, wraps: true, cell: ({ address }) => address },
  { title: d('least'), cell: ({ least }) => d(`least.${least}`) },
  { title: d('column.acts'), cell: (contact) => <ContactActs contact={contact} acts={acts} /> },
];

const allColumns = (acts: Acts): Column<Contact>[] => [
  {
    title: d('column.whose'),
    names: true,
    wraps: true,
    cell: ({ account, name }) => account ?? `${name ?? ''} (${d('system')})`,
    sort: ({ account, name }) => account ?? name ?? '',
  },
  { title: d('column.address'), wraps: true, cell: ({ address }) => address },
  { title: d('column.told'), wraps: true, cell: toldText },
  { title: d('least'), cell: ({ least }) => d(`least.${least}`) },
  {
    title: d('column.since'),
    wraps: true,
    cell: ({ since, by }) =>
      d('since', { time: localMinute(Date.parse(since), locale.value), who: by }),
    sort: ({ since }) => since,
  },
  { title: d('column.acts'), cell: (contact) => <ContactActs contact={contact} acts={acts} /> },
];

function MyContacts({ who, known, acts }: { who: Me; known: Contacts; acts: Acts }) {
  const mine = known.contacts.filter(({ account }) => account === who.username);
  return (
    <section class="card" aria-labelledby="contacts">
      <h2 id="contacts">{d('contacts')}</h2>
      {mine.length === 0 ? (
        <p class="quiet">{d('contacts_none')}</p>
      ) : (
        <Table
          caption={d('contacts')}
          columns={contactColumns(acts)}
          rows={mine}
          keyOf={({ id }) => id}
        />
      )}
      {known.channels.includes('email') ? (
        <PersonForm
          account={who.username}
          onAdded={({ address }) => {
            acts.say(d('added', { address }));
            acts.again();
          }}
        />
      ) : (
        <p class="notice">{d('no_mail')}</p>
      )}
    </section>
  );
}

/** For whoever administers the server. */
function AllContacts({
  known,
  units,
  acts,
}: {
  known: Contacts;
  units: readonly string[];
  acts: Acts;
}) {
  const fresh = useSignal<{ name: string; secret: string } | null>(null);
  const added = ({ name, address, secret }: Contact & { secret?: string }) => {
    if (secret !== undefined) fresh.value = { name: name ?? address, secret };
    acts.say(d('added', { address }));
    acts.again();
  };
  return (
    <section class="card" aria-labelledby="all-contacts">
      <h2 id="all-contacts">{d('all')}</h2>
      <p class="quiet">{d('all_lead')}</p>
      {known.contacts.length > 0 && (
        <Table
          caption={d('all')}
          columns={allColumns(acts)}
          rows={known.contacts}
          keyOf={({ id }) => id}
        />
      )}
      {known.channels.includes('webhook') ? (
        <SystemForm units={units} onAdded={added} />
      ) : (
        <p class="notice">{d('no_webhook')}</p>
      )}
      {known.channels.includes('email') && <PersonForm account={null} onAdded={added} />}
      {fresh.value && (
        <ShownOnce
          title={d('secret_title', { name: fresh.value.name })}
          lead={d('secret_once')}
          lines={[[d('secret'), fresh.value.secret]]}
          onClose={() => (fresh.value = null)}
        />
      )}
    </section>
  );
}

// --- All of it

function useAsked() {
  const duties = useSignal<Duty[] | null>(null);
  const contacts = useSignal<Contacts | null>(null);
  const failed = useSignal<ApiErrorBody | null>(null);
  const turn = useSignal(0);
  const asked = turn.value;
  useEffect(() => {
    const aborting = new AbortController();
    void Promise.all([readDuties(aborting.signal), readContacts(aborting.signal)]).then(
      ([ofDuties, ofContacts]) => {
        if (aborting.signal.aborted) return;
        failed.value = !ofDuties.ok ? ofDuties.error : !ofContacts.ok ? ofContacts.error : null;
        if (ofDuties.ok) duties.value = ofDuties.body.duties;
        if (ofContacts.ok) contacts.value = ofContacts.body;
      },
    );
    return () => aborting.abort();
  }, [asked, duties, contacts, failed]);
  return { duties, contacts, failed, again: () => (turn.value += 1) };
}

export function DutiesPage() {
  const { duties, contacts, failed, again } = useAsked();
  const asked = usePeople().value;
  const said = useSignal<string | null>(null);
  const who = me.value;
  if (!who) return null;
  const acts: Acts = { say: (text) => (said.value = text), again };
  const people = asked?.patients ?? [];
  const names = namesOf(people);
  const units = unitsOf(who, people);
  const standing = (duties.value ?? []).filter((duty) => isNow(duty, now.value));
  const error = failed.value ?? asked?.error;
  const outcome = error ? errorText(error) : said.value;
  return (
    <div class="page page--alone">
      <header class="page__head">
        <h1>{d('title')}</h1>
        <p class="quiet">{d('lead')}</p>
        <AlarmTabs at="duties" />
      </header>
      <Outcome text={outcome} />
      {duties.value && contacts.value && asked && (
        <>
          <Mine
            who={who}
            duties={duties.value}
            contacts={contacts.value.contacts}
            patients={people}
            units={units}
            names={names}
            acts={acts}
          />
          <section class="card" aria-labelledby="now">
            <h2 id="now">{d('now')}</h2>
            {units.map((unit) => (
              <Unit
                key={unit}
                of={dutiesOfUnit(standing, unit, now.value)}
                columns={dutyColumns(who, names, acts)}
              />
            ))}
          </section>
          <MyContacts who={who} known={contacts.value} acts={acts} />
          {mayDo(who, 'server', 'a') && (
            <AllContacts known={contacts.value} units={units} acts={acts} />
          )}
        </>
      )}
    </div>
  );
}
