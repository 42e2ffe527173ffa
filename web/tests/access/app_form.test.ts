import { describe, expect, it } from 'vitest';
import { fieldsOf, type AppEntry } from '../../src/access/app_form';
import type { App } from '../../src/api/app_shapes';
import { fieldOf } from '../../src/ui/checked_field';

const entry = (more: Partial<AppEntry>): AppEntry => ({
  kind: 'public',
  name: 'Growth chart',
  client_id: '',
  redirect_uris: 'https://growth.example/callback',
  launch_uri: '',
  jwks: '',
  jwks_uri: '',
  scopes: 'openid patient/Observation.rs',
  account: '',
  ...more,
});

const app = (more: Partial<App>): App => ({
  client_id: 'growth',
  name: 'Growth chart',
  kind: 'confidential',
  redirect_uris: ['https://growth.example/callback'],
  launch_uri: 'https://growth.example/launch',
  jwks_uri: null,
  keys: 1,
  scopes: ['openid'],
  account: null,
  enabled: true,
  registered: '2026-11-26T20:00:00Z',
  grants: 0,
  ...more,
});

const keys = '{"keys": [{"kty": "EC"}]}';

describe('the form of an app', () => {
  it('of a public one sends addresses and scopes, and no keys', () => {
    const redirect_uris = ' https://growth.example/callback \n\norg.example.growth:/callback';
    expect(fieldsOf(entry({ redirect_uris, jwks: keys, account: 'x' }), null)).toEqual({
      fields: {
        name: 'Growth chart',
        scopes: ['openid', 'patient/Observation.rs'],
        redirect_uris: ['https://growth.example/callback', 'org.example.growth:/callback'],
      },
    });
  });
  it('of a service sends keys and account, and no addresses', () => {
    const made = fieldsOf(entry({ kind: 'service', jwks: keys, account: 'reports' }), null);
    expect(made).toEqual({
      fields: {
        name: 'Growth chart',
        scopes: ['openid', 'patient/Observation.rs'],
        jwks: { keys: [{ kty: 'EC' }] },
        account: 'reports',
      },
    });
  });
  it('wants keys, as JSON or by address, and only one of them', () => {
    const wrong = (more: Partial<AppEntry>, before: App | null = null) => {
      const made = fieldsOf(entry({ kind: 'confidential', ...more }), before);
      return 'wrong' in made ? [made.wrong.what, made.field] : [];
    };
    expect(wrong({})).toEqual(['none', 'jwks']);
    expect(wrong({ jwks: '{keys' })).toEqual(['no_json', 'jwks']);
    expect(wrong({ jwks: keys, jwks_uri: 'https://a.example' })).toEqual(['both', 'jwks_uri']);
    expect(wrong({ jwks_uri: 'https://a.example' })).toEqual([]);
    expect(wrong({}, app({}))).toEqual([]);
  });
  it('leaves the keys of an app as they are, and takes away what was emptied', () => {
    const made = fieldsOf(entry({ kind: 'confidential' }), app({}));
    expect(made).toMatchObject({ fields: { launch_uri: null } });
    expect('fields' in made && Object.keys(made.fields)).not.toContain('jwks');
    expect(
      fieldsOf(entry({ kind: 'confidential', jwks: keys }), app({ jwks_uri: 'https://a.example' })),
    ).toMatchObject({ fields: { jwks: { keys: [{ kty: 'EC' }] }, jwks_uri: null } });
    expect(
      fieldsOf(entry({ kind: 'confidential', jwks_uri: 'https://a.example' }), app({})),
    ).toMatchObject({ fields: { jwks: null, jwks_uri: 'https://a.example' } });
  });
});

describe('what the server has against it', () => {
  it('stands at the field that it names', () => {
    const fields = ['redirect_uris', 'jwks'];
    expect(fieldOf('redirect_uris[1]', fields)).toBe('redirect_uris');
    expect(fieldOf('/redirect_uris/1', fields)).toBe('redirect_uris');
    expect(fieldOf('jwks.keys[0].kty', fields)).toBe('jwks');
    expect(fieldOf('app', fields)).toBeNull();
    expect(fieldOf('', fields)).toBeNull();
  });
});
