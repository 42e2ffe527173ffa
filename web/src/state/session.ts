// Who is signed in.
import { signal } from '@preact/signals';
import {
  changePassword as callChangePassword,
  readSession,
  signIn as callSignIn,
  signInFactor as callSignInFactor,
  signOut as callSignOut,
} from '../api/calls';
import { rememberCsrf, whenSignedOut, type Answer } from '../api/http';
import type { ApiErrorBody, Session } from '../api/shapes';
import { connection, resumeWatch, startWatch, stopWatch } from './watch';

export type SignedIn =
  | { state: 'asking' }
  | { state: 'unreachable'; error: ApiErrorBody }
  | { state: 'out'; ended: boolean }
  | { state: 'in'; session: Session };

export const signedIn = signal<SignedIn>({ state: 'asking' });

function enter(session: Session): void {
  rememberCsrf(session.csrf);
  signedIn.value = { state: 'in', session };
}

function ended(): void {
  if (signedIn.value.state !== 'in') return;
  stopWatch();
  signedIn.value = { state: 'out', ended: true };
}

/** Finds out whether the browser still has a session. */
export async function resumeSession(): Promise<void> {
  const answer = await readSession();
  if (answer.ok) enter(answer.body);
  else if (answer.status === 401) signedIn.value = { state: 'out', ended: false };
  else signedIn.value = { state: 'unreachable', error: answer.error };
}

export type SignInOutcome =
  | { state: 'in' }
  | { state: 'factor'; ticket: string }
  /** The second step took too long, or too many tries: the password again. */
  | { state: 'over'; error: ApiErrorBody }
  | { state: 'refused'; error: ApiErrorBody };

export async function signIn(username: string, password: string): Promise<SignInOutcome> {
  const answer = await callSignIn(username, password);
  if (!answer.ok) {
    const { kind, ticket } = answer.error;
    if (kind === 'second-factor' && ticket !== undefined) return { state: 'factor', ticket };
    return { state: 'refused', error: answer.error };
  }
  enter(answer.body);
  return { state: 'in' };
}

export async function signInFactor(ticket: string, code: string): Promise<SignInOutcome> {
  const answer = await callSignInFactor(ticket, code);
  if (!answer.ok)
    return { state: answer.error.place === 'ticket' ? 'over' : 'refused', error: answer.error };
  enter(answer.body);
  return { state: 'in' };
}

/** All sessions end with the old password, their streams too; this one goes on under another cookie. */
export async function changeOwnPassword(password: string): Promise<Answer<Session>> {
  stopWatch();
  const answer = await callChangePassword(password);
  if (answer.ok) enter(answer.body);
  resumeWatch();
  return answer;
}

/** The page is loaded anew: nothing of the ward stays in this browser's memory. */
export async function signOut(): Promise<void> {
  stopWatch();
  await callSignOut();
  location.assign('/');
}

export function startSession(): void {
  startWatch();
  whenSignedOut(ended);
  connection.subscribe((state) => {
    if (state.state === 'ended') ended();
  });
  void resumeSession();
}
