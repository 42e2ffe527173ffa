import { describe, expect, it } from 'vitest';
import { passwordRules } from '../../src/state/password_rules';

const unmet = (password: string, repeated = password, username = 'nurse') =>
  passwordRules(password, repeated, username, 15)
    .filter(({ met }) => !met)
    .map(({ rule }) => rule);

describe('what can be said of a password as it is typed', () => {
  it('has nothing against a long phrase, in any script', () => {
    expect(unmet('correct horse battery staple')).toEqual([]);
    expect(unmet('дождь идёт с утра')).toEqual([]);
  });
  it('counts characters, not bytes, at the lower end', () => {
    expect(unmet('fourteen chars')).toEqual(['length']);
    expect(unmet('🩺🫀🩹💉🩻🧬🦠🧫🧪🌡🚑🏥💊🩸😷')).not.toContain('length');
  });
  it('counts bytes at the upper end', () => {
    expect(unmet('a long phrase, '.repeat(18))).toEqual(['bytes']);
  });
  it('knows a few characters and the user name over and over', () => {
    expect(unmet('abc abc abc abc abc')).toEqual(['repeats']);
    expect(unmet('nurse-nurse-nurse')).toEqual(['name']);
    expect(unmet('adaadaadaadaada', 'adaadaadaadaada', 'ada')).toEqual(['repeats']);
  });
  it('wants it typed the same twice', () => {
    expect(unmet('correct horse battery staple', 'correct horse')).toEqual(['same']);
  });
  it('asks for everything while nothing is typed', () => {
    expect(unmet('')).toHaveLength(5);
  });
});
