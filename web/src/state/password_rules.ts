// What can be said of a password while it is typed: the rules of the server that need no list of
// common ones (NIST SP 800-63B; src/identity/password.cpp has the last word).

export interface PasswordRule {
  rule: 'length' | 'bytes' | 'name' | 'repeats' | 'same';
  met: boolean;
}

const bytesMax = 256;

/** Letters and figures in small: as common passwords are compared. */
const simplified = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

const repeatsEvery = (text: string, period: number) =>
  Array.from(text).every((letter, i) => i < period || letter === text[i - period]);

export function passwordRules(
  password: string,
  repeated: string,
  username: string,
  charactersMin: number,
): PasswordRule[] {
  const plain = simplified(password);
  const name = simplified(username);
  const isName = name.length > 4 && plain.startsWith(name) && repeatsEvery(plain, name.length);
  const some = plain.length > 0;
  return [
    { rule: 'length', met: Array.from(password).length >= charactersMin },
    { rule: 'bytes', met: some && new TextEncoder().encode(password).length <= bytesMax },
    { rule: 'name', met: some && !isName },
    { rule: 'repeats', met: some && ![1, 2, 3, 4].some((period) => repeatsEvery(plain, period)) },
    { rule: 'same', met: some && password === repeated },
  ];
}
