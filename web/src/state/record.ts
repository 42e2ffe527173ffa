// What the FHIR server can be asked: read once, when a page first needs it.
import { signal } from '@preact/signals';
import { readMetadata } from '../api/calls';
import { readCapability, type Capability } from '../record/search_question';
import type { Fetched } from './fetched';

export const capability = signal<Fetched<Capability>>({ state: 'none' });

export async function loadCapability(): Promise<void> {
  if (capability.peek().state === 'loading' || capability.peek().state === 'here') return;
  capability.value = { state: 'loading' };
  const answer = await readMetadata();
  capability.value = answer.ok
    ? { state: 'here', body: readCapability(answer.body.json) }
    : { state: 'failed', error: answer.error };
}
