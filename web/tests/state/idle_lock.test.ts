import { describe, expect, it } from 'vitest';
import { IdleLock, type Kept } from '../../src/state/idle_lock';

const minute = 60_000;

/** A browser with a clock that is moved by hand: tabs that share what is kept, and hear each other. */
class Browser {
  nowMs = 1_790_000_000_000;
  limitMs = 10 * minute;
  private readonly store = new Map<string, string>();
  private readonly tabs: IdleLock[] = [];
  opened = 0;

  tab(): IdleLock {
    const kept: Kept = {
      read: (name) => this.store.get(name) ?? null,
      write: (name, value) => {
        if (this.store.get(name) === (value ?? undefined)) return;
        if (value === null) this.store.delete(name);
        else this.store.set(name, value);
        for (const other of this.tabs) if (other !== here && other.heard(name)) this.opened += 1;
      },
    };
    const here = new IdleLock(
      kept,
      () => this.nowMs,
      () => this.limitMs,
    );
    this.tabs.push(here);
    return here;
  }

  after(minutes: number): void {
    this.nowMs += minutes * minute;
  }
}

const signedIn = (browser: Browser) => {
  const tab = browser.tab();
  tab.open();
  return tab;
};

describe('a screen that nobody touches', () => {
  it('is locked when the time is over, not before', () => {
    const browser = new Browser();
    const tab = signedIn(browser);
    browser.after(9.9);
    expect(tab.check()).toBe(false);
    browser.after(0.1);
    expect(tab.check()).toBe(true);
    expect(tab.locked.value).toBe(true);
  });
  it('stays open as long as somebody is there', () => {
    const browser = new Browser();
    const tab = signedIn(browser);
    for (let i = 0; i < 12; i += 1) {
      browser.after(9);
      tab.touched();
      expect(tab.check()).toBe(false);
    }
  });
  it('is not kept open by a touch that comes too late: the machine had slept', () => {
    const browser = new Browser();
    const tab = signedIn(browser);
    browser.after(600);
    tab.touched();
    expect(tab.locked.value).toBe(true);
    tab.touched();
    expect(tab.locked.value).toBe(true);
  });
  it('is never locked by itself on a wall, and still by hand', () => {
    const browser = new Browser();
    browser.limitMs = 0;
    const tab = signedIn(browser);
    browser.after(100_000);
    expect(tab.check()).toBe(false);
    tab.lock();
    expect(tab.locked.value).toBe(true);
  });
  it('has a clock that may be set back, and is locked in its time all the same', () => {
    const browser = new Browser();
    const tab = signedIn(browser);
    browser.after(-300);
    expect(tab.check()).toBe(false);
    browser.after(10);
    expect(tab.check()).toBe(true);
  });
});

describe('the lock', () => {
  it('stands after a reload', () => {
    const browser = new Browser();
    signedIn(browser).lock();
    const loaded = browser.tab();
    loaded.resume();
    expect(loaded.locked.value).toBe(true);
  });
  it('falls at once where a browser comes back to a session that was left for long', () => {
    const browser = new Browser();
    signedIn(browser);
    browser.after(60);
    const loaded = browser.tab();
    loaded.resume();
    expect(loaded.locked.value).toBe(true);
  });
  it('does not fall where a page is loaded while somebody is there', () => {
    const browser = new Browser();
    const tab = signedIn(browser);
    browser.after(9);
    tab.touched();
    browser.after(9);
    const loaded = browser.tab();
    loaded.resume();
    expect(loaded.locked.value).toBe(false);
  });
  it('falls in all tabs, and is told of where it opens', () => {
    const browser = new Browser();
    const [one, two] = [signedIn(browser), signedIn(browser)];
    one.lock();
    expect(two.locked.value).toBe(true);
    two.open();
    expect(two.locked.value).toBe(false);
    // Here it opens only once it is known who opened it there.
    expect(one.locked.value).toBe(true);
    expect(browser.opened).toBe(1);
  });
  it('waits for whoever works in another tab, also where this one slept meanwhile', () => {
    const browser = new Browser();
    const [one, two] = [signedIn(browser), signedIn(browser)];
    browser.after(8);
    two.touched();
    browser.after(8);
    expect(one.check()).toBe(false);
    browser.after(3);
    expect(one.check()).toBe(true);
    expect(two.locked.value).toBe(true);
  });
  it('does not open because what is kept was taken away', () => {
    const browser = new Browser();
    const tab = signedIn(browser);
    tab.lock();
    expect(tab.heard(null)).toBe(false);
    expect(tab.locked.value).toBe(true);
  });
});
