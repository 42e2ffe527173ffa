// The security labels of a resource (R4 6.1.1.5, meta.security): what of it is sensitive, and how much.
import { tame, type Coded } from './consents';
import { itemsOf, objectOf, textAt, type JsonObject } from './json';

export const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
export const sensitivity = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

/** Those that narrow who sees a resource, most often needed first; each has words (`label.HIV`). */
export const sensitiveCodes = [
  ...['HIV', 'STD', 'SEX', 'MH', 'PSY', 'PSYTHPN', 'BH', 'EMOTDIS', 'COGN', 'DVD', 'GDIS', 'SCA'],
  ...['SUD', 'ETH', 'ETHUD', 'OPIOIDUD', 'TBOO', 'SPI', 'VIO', 'SDV', 'MST', 'R', 'V'],
] as const;
export type SensitiveCode = (typeof sensitiveCodes)[number];

export const systemOfLabel = (code: SensitiveCode): string =>
  code === 'R' || code === 'V' ? confidentiality : sensitivity;

/** As many as are shown of one resource. */
const labelsMax = 8;

/** Normal confidentiality is none to point at. */
export function labelsOf(resource: JsonObject): Coded[] {
  const labels: Coded[] = [];
  for (const label of itemsOf(objectOf(resource.get('meta'))?.get('security'))) {
    const code = tame(textAt(label, 'code') ?? '');
    const system = textAt(label, 'system') ?? '';
    const display = textAt(label, 'display');
    const isNormal = system === confidentiality && code === 'N';
    if (code === '' || isNormal || labels.length === labelsMax) continue;
    labels.push({ system, code, display: display === null ? null : tame(display) });
  }
  return labels;
}
