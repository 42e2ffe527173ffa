// Who is signed in.
import { signal } from '@preact/signals';
import {
  beginPasskeySignIn,
  changePassword as callChangePassword,
  readFactorAsked,
  readSession,
  signIn as callSignIn,
  signInFactor as callSignInFactor,
  signInPasskey as callSignInPasskey,
  signOut as callSignOut,
} from '../api/calls';
import { rememberCsrf, whenSignedOut, type Answer } from '../api/http';
import type { ApiErrorBody, Session } from '../api/shapes';
import { may } from './me';
import { passkeyDeclined, showPasskey } from './passkey';
import { alarmLine, startAlarmWatch, stopAlarmWatch } from './alarm_watch';
import { connection, resumeWatch, startWatch, stopWatch } from './watch';

export type SignedIn =
  | { state: 'asking' }
  | { state: 'unreachable'; error: ApiErrorBody }
  | { state: 'out'; ended: boolean }
  | { state: 'in'; session: Session };

export const signedIn = signal<SignedIn>({ state: 'asking' });

/** Somebody signed in just now; or the browser had a session already. */
export type Entered = 'signed-in' | 'resumed';
let onEntered: (how: Entered) => void = () => undefined;

/** Called before anything is shown to whoever has entered. */
export function whenEntered(handler: (how: Entered) => void): void {
  onEntered = handler;
}

function enter(session: Session, how: Entered): void {
  rememberCsrf(session.csrf);
  onEntered(how);
  signedIn.value = { state: 'in', session };
}

export function sessionEnded(): void {
  if (signedIn.value.state !== 'in') return;
  stopWatch();
  stopAlarmWatch();
  signedIn.value = { state: 'out', ended: true };
}

/** Finds out whether the browser still has a session. */
export async function resumeSession(): Promise<void> {
  const answer = await readSession();
  if (answer.ok) enter(answer.body, 'resumed');
  else if (answer.status === 401) signedIn.value = { state: 'out', ended: false };
  else signedIn.value = { state: 'unreachable', error: answer.error };
}

/** What the right password was answered with. */
export interface FactorAsked {
  ticket: string;
  totp: boolean;
  passkey: boolean;
  /** The provider said who it is, in place of a password. */
  byProvider?: boolean;
}

export type SignInOutcome =
  | { state: 'in' }
  | { state: 'factor'; asked: FactorAsked }
  /** The second step took too long, or too many tries: the password again. */
  | { state: 'over'; error: ApiErrorBody }
  | { state: 'refused'; error: ApiErrorBody };

export async function signIn(username: string, password: string): Promise<SignInOutcome> {
  const answer = await callSignIn(username, password);
  if (!answer.ok) {
    const { kind, ticket, totp = false, passkey = false } = answer.error;
    if (kind === 'second-factor' && ticket !== undefined)
      return { state: 'factor', asked: { ticket, totp, passkey } };
    return { state: 'refused', error: answer.error };
  }
  enter(answer.body, 'signed-in');
  return { state: 'in' };
}

/** Back from the provider, and a second factor is asked for. */
export async function factorAfterProvider(): Promise<SignInOutcome> {
  const answer = await readFactorAsked();
  const error = answer.ok ? { kind: 'internal', message: '', place: '' } : answer.error;
  const { ticket, totp = false, passkey = false } = error;
  if (ticket === undefined) return { state: 'refused', error };
  return { state: 'factor', asked: { ticket, totp, passkey, byProvider: true } };
}

export async function signInFactor(ticket: string, code: string): Promise<SignInOutcome> {
  return entered(await callSignInFactor(ticket, code));
}

function entered(answer: Answer<Session>): SignInOutcome {
  if (!answer.ok)
    return { state: answer.error.place === 'ticket' ? 'over' : 'refused', error: answer.error };
  enter(answer.body, 'signed-in');
  return { state: 'in' };
}

/** As the second factor, with a ticket; or in place of name and password too. */
export async function signInByPasskey(ticket = ''): Promise<SignInOutcome> {
  const options = await beginPasskeySignIn(ticket);
  if (!options.ok) return entered(options);
  const shown = await showPasskey(options.body);
  if (!shown) return { state: 'refused', error: passkeyDeclined };
  return entered(await callSignInPasskey(ticket, shown));
}

/** All sessions end with the old password, their streams too; this one goes on under another cookie. */
export async function changeOwnPassword(password: string): Promise<Answer<Session>> {
  stopWatch();
  const wasTold = alarmLine.peek().state !== 'idle';
  stopAlarmWatch();
  const answer = await callChangePassword(password);
  if (answer.ok) enter(answer.body, 'signed-in');
  // Whoever sees no vital signs has no stream to go on with.
  if (may('vitals')) resumeWatch();
  if (wasTold) startAlarmWatch();
  return answer;
}

/** The page is loaded anew, at `to`: nothing of the ward stays in this browser's memory. */
export async function signOut(to = '/'): Promise<void> {
  stopWatch();
  stopAlarmWatch();
  await callSignOut();
  // A browser may keep the page that is left, for its “Back”: nothing is on it any more.
  signedIn.value = { state: 'out', ended: false };
  location.assign(to);
}

export function startSession(): void {
  startWatch();
  whenSignedOut(sessionEnded);
  for (const line of [connection, alarmLine])
    line.subscribe(({ state }) => {
      if (state === 'ended') sessionEnded();
    });
  void resumeSession();
}
