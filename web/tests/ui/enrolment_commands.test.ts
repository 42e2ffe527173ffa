import { describe, expect, it } from 'vitest';
import type { EnrolmentSecret } from '../../src/api/shapes';
import { enrolCommand, requestCommand } from '../../src/ui/enrolment_commands';

const secret: EnrolmentSecret = {
  type: 'enrolment',
  username: 'pump:1',
  code: '7K2M-41QX-W0V3-E9HS-5TZA',
  expires: '2026-11-28T08:00:00Z',
  authority_pem: '',
  authority_sha256: '',
};

describe('the commands that enrol a device', () => {
  it('make a key on P-256 that stays in a file, and a request in base64', () => {
    expect(requestCommand(secret)).toBe(
      "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=pump:1' " +
        "-keyout 'pump:1.key' -outform DER | openssl base64 -A -out 'pump:1.p10'",
    );
  });

  it('send it to where the page came from, with the code', () => {
    const command = enrolCommand(secret, 'https://vigil.example:8443');
    expect(command).toContain("--user 'pump:1:7K2M-41QX-W0V3-E9HS-5TZA'");
    expect(command).toContain(' https://vigil.example:8443/.well-known/est/simpleenroll | ');
    expect(command).toContain('--cacert vigil-ca.pem');
  });

  it('let nothing out of its quotes', () => {
    const odd = { ...secret, username: "a'; rm -rf /; '" };
    expect(requestCommand(odd)).toContain(`-keyout 'a'\\''; rm -rf /; '\\''.key'`);
  });
});
