// The lock of this browser: fed with what people do, opened by whoever shows who they are.
import { beginProof, readSession, signInAgain, signInAgainByPasskey } from '../api/calls';
import { rememberCsrf, type Answer } from '../api/http';
import type { ApiErrorBody } from '../api/shapes';
import { IdleLock, type Kept } from './idle_lock';
import { passkeyDeclined, showPasskey } from './passkey';
import { lockMinutesOf, preferences } from './preferences';
import { screenKey } from './screen';
import { resumeSession, sessionEnded, signedIn, whenEntered } from './session';

/** A browser that keeps nothing locks this page alone, until it is loaded anew. */
const storage: Kept = {
  read(name) {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  },
  write(name, value) {
    try {
      if (value === null) localStorage.removeItem(name);
      else localStorage.setItem(name, value);
    } catch {
      // As above.
    }
  },
};

const idle = new IdleLock(
  storage,
  () => Date.now(),
  // Who relies on a screen to tell alarms does not want it covered; anybody may still lock it by hand.
  () => (screenKey.peek() ? 0 : lockMinutesOf(preferences.peek()) * 60_000),
);

export const locked = idle.locked;

const isIn = () => signedIn.peek().state === 'in';

export function lockNow(): void {
  if (isIn()) idle.lock();
}

/** Null: open again; or what was wrong. */
function opened(answer: Answer<undefined>): ApiErrorBody | null {
  if (answer.ok) {
    idle.open();
    return null;
  }
  if (answer.error.kind === 'unauthenticated') sessionEnded();
  return answer.error;
}

export async function unlock(password: string): Promise<ApiErrorBody | null> {
  return opened(await signInAgain(password));
}

export async function unlockByPasskey(): Promise<ApiErrorBody | null> {
  const options = await beginProof();
  if (!options.ok) return options.error;
  const passkey = await showPasskey(options.body);
  return passkey ? opened(await signInAgainByPasskey(passkey)) : passkeyDeclined;
}

/** By the same person; or by somebody else, for whom nothing that is in this page's memory is. */
async function openedElsewhere(): Promise<void> {
  const answer = await readSession();
  const here = signedIn.peek();
  if (!answer.ok && answer.status === 0) return;
  if (
    answer.ok &&
    here.state === 'in' &&
    answer.body.account.username === here.session.account.username
  ) {
    rememberCsrf(answer.body.csrf);
    idle.open();
  } else location.reload();
}

function heard(event: StorageEvent): void {
  const wasOut = signedIn.peek().state === 'out';
  if (!idle.heard(event.key)) return;
  if (wasOut) void resumeSession();
  else void openedElsewhere();
}

const signs = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'input'] as const;
const lookMs = 1000;

/** From before the first answer of the server, so that a page that is locked never shows anything. */
export function keepLock(): void {
  whenEntered((how) => (how === 'signed-in' ? idle.open() : idle.resume()));
  const touched = () => {
    if (isIn()) idle.touched();
  };
  const look = () => {
    if (isIn()) idle.check();
  };
  for (const sign of signs) addEventListener(sign, touched, { capture: true, passive: true });
  // A machine that wakes has slept through its timers.
  for (const sign of ['focus', 'pageshow'] as const) addEventListener(sign, look);
  document.addEventListener('visibilitychange', look);
  addEventListener('storage', heard);
  setInterval(look, lookMs);
}
