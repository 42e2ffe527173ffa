// Duties and contacts of the made-up ward: who is told of alarms away from the screens.
import { forbidden, notFound, Refusal } from './refusal.mjs';

const iso = (ms) => new Date(ms).toISOString();
const dutyMaxMs = 31 * 86_400_000;
const recipients = [
  'assigned-nurse',
  'buddy',
  'charge-nurse',
  'unit-team',
  'physician',
  'device-team',
];

const malformed = (message, place) => new Refusal(400, 'malformed', message, place);

/** Of each mock its own. */
function rosterOf(state) {
  state.roster ??= { duties: [], contacts: [], number: 0, channels: ['email', 'webhook'] };
  return state.roster;
}

const looksAfter = ({ access }, by, unit) =>
  access.everyone(by) || (unit !== '' && by.units.includes(unit));
const manages = ({ access }, by) => access.may(by, 'server', 'a');

function nextId(roster) {
  roster.number += 1;
  return String(roster.number);
}

function listDuties(state, { url, by }) {
  const now = iso(state.ward.now());
  const unit = url.searchParams.get('unit');
  return {
    duties: rosterOf(state).duties.filter(
      (duty) =>
        (unit === null || duty.unit === unit) &&
        duty.until > now &&
        (duty.account === by.username || looksAfter(state, by, duty.unit)),
    ),
  };
}

function addDuty(state, { body, by }) {
  const { account = by.username, as = [], unit = '', patients = [], until } = body;
  const { ward, access } = state;
  if (!looksAfter(state, by, unit))
    throw forbidden('whoever looks after this unit says who has duty there', 'unit');
  if (!access.accounts.has(account)) throw malformed('no such account here', 'account');
  if (as.length === 0 || as.some((one) => !recipients.includes(one)))
    throw malformed('as what, such as ["assigned-nurse"]', 'as');
  const ends = Date.parse(until);
  if (!(ends > ward.now() && ends - ward.now() <= dutyMaxMs))
    throw malformed('a time to come, at most 31 days after it begins', 'until');
  for (const id of patients) access.needPatient(by, id);
  const roster = rosterOf(state);
  const from = body.from ?? iso(ward.now());
  const duty = { account, as, unit, patients, from, until, by: by.username };
  roster.duties.push({ id: nextId(roster), ...duty });
  return roster.duties.at(-1);
}

function endDuty(state, { id, by }) {
  const roster = rosterOf(state);
  const found = roster.duties.find((duty) => duty.id === id);
  if (!found) throw notFound('no such duty here', 'id');
  if (!looksAfter(state, by, found.unit))
    throw forbidden('whoever looks after this unit says who has duty there', 'unit');
  roster.duties = roster.duties.filter((duty) => duty !== found);
  return {};
}

const bare = (contact) =>
  Object.fromEntries(Object.entries(contact).filter(([name]) => name !== 'secret'));

function listContacts(state, { by }) {
  const { contacts, channels } = rosterOf(state);
  const isShown = ({ account }) => manages(state, by) || account === by.username;
  return { contacts: contacts.filter(isShown).map(bare), channels };
}

function needContact(state, contact, by) {
  const isOwn = contact.account === by.username && !contact.emergencies;
  if (!isOwn && !manages(state, by)) throw forbidden('not allowed in this role');
}

function addContact(state, { body, by }) {
  const { account = null, name = null, as = [], unit = '', channel, address, least } = body;
  const roster = rosterOf(state);
  const contact = {
    id: nextId(roster),
    account,
    name,
    as,
    unit,
    channel,
    address,
    least: least ?? 'medium',
    emergencies: body.emergencies ?? false,
    by: by.username,
    since: iso(state.ward.now()),
  };
  needContact(state, contact, by);
  if (account !== null && !state.access.accounts.has(account))
    throw malformed('no such account here', 'account');
  if (channel === 'email' && !/^[^@\s]+@[^@\s]+$/.test(address ?? ''))
    throw malformed('no e-mail address', 'address');
  if (channel === 'webhook' && !address.startsWith('https://hooks.example/'))
    throw forbidden(
      'the address is none of those that the operator allows (alarms.webhook_endpoints)',
      'address',
    );
  if (channel === 'webhook') contact.secret = `secret-of-${contact.id}`;
  roster.contacts.push(contact);
  return contact;
}

function contactNamed(state, id, by) {
  const found = rosterOf(state).contacts.find((contact) => contact.id === id);
  if (!found) throw notFound('no such contact here', 'id');
  needContact(state, found, by);
  return found;
}

function removeContact(state, { id, by }) {
  const found = contactNamed(state, id, by);
  const roster = rosterOf(state);
  roster.contacts = roster.contacts.filter((contact) => contact !== found);
  return {};
}

/** Mail to nobody@… is not taken. */
function testContact(state, { id, by }) {
  const { address } = contactNamed(state, id, by);
  return address.startsWith('nobody@')
    ? { outcome: 'undeliverable', said: '550 5.1.1 no such mailbox' }
    : { outcome: 'delivered', said: '250 2.0.0 accepted' };
}

const looks = ['vitals', 'r'];
const acts = ['vitals', 'w'];

/** [method, path, needs, answer] */
export const dutyRoutes = [
  ['GET', '/api/alarm-duties', looks, listDuties],
  ['POST', '/api/alarm-duties', acts, addDuty],
  ['DELETE', '/api/alarm-duties/:id', acts, endDuty],
  ['GET', '/api/alarm-contacts', looks, listContacts],
  ['POST', '/api/alarm-contacts', acts, addContact],
  ['DELETE', '/api/alarm-contacts/:id', acts, removeContact],
  ['POST', '/api/alarm-contacts/:id/test', acts, testContact],
];
