import { describe, expect, it } from 'vitest';
import { outcomeIn, outcomeWord } from '../../src/state/provider_sign_in';
import { accountDe } from '../../src/words/account_de';
import { accountEn } from '../../src/words/account_en';

// What src/share/api/openid.cpp sends a browser back with.
const outcomes = 'busy cancelled disabled none over provider refused unknown'.split(' ');

describe('what came of signing in elsewhere', () => {
  it('is read off the address', () => {
    expect(outcomeIn('?sign-in=unknown')).toBe('unknown');
    expect(outcomeIn('?span=60')).toBeNull();
  });

  it.each(outcomes)('has words of its own: %s', (outcome) => {
    const word = outcomeWord(outcome) as keyof typeof accountEn;
    expect(accountEn[word]).toBeTruthy();
    expect(accountDe[word]).toBeTruthy();
  });

  it('is nothing to say where it went well or goes on, and never what the address makes up', () => {
    expect(outcomeWord(null)).toBeNull();
    expect(outcomeWord('factor')).toBeNull();
    expect(outcomeWord('constructor')).toBe('signin.provider_unreachable');
  });
});
