// Who is signed in.
import { signal } from '@preact/signals';
import { readSession, signIn as callSignIn, signOut as callSignOut } from '../api/calls';
import { rememberCsrf, whenSignedOut } from '../api/http';
import type { ApiErrorBody, Session } from '../api/shapes';
import { connection, startWatch, stopWatch } from './watch';

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

export async function signIn(username: string, password: string): Promise<ApiErrorBody | null> {
  const answer = await callSignIn(username, password);
  if (!answer.ok) return answer.error;
  enter(answer.body);
  return null;
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
