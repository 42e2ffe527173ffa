// The devices now attached to a patient, and how they are.
import type { Device } from '../api/shapes';
import { age } from '../vital/freshness';
import { localDateTime } from '../vital/format';
import { locale, t } from '../words';
import { agoText, ageText } from './speech';
import './device_list.css';

export function deviceState(device: Device, nowMs: number): string {
  switch (device.connection) {
    case 'connected':
      return t('device.connected');
    case 'disconnected':
      return t('device.disconnected', { age: ageText(age(Date.parse(device.since), nowMs)) });
    case 'never':
      // One that only its gateway or an account speaks for is heard and never connects.
      return device.last_seen === null
        ? t('device.never')
        : t('device.seen', { age: agoText(age(Date.parse(device.last_seen), nowMs)) });
  }
}

/** When one that is not there was last heard. */
export function lastSeen(device: Device): string | null {
  if (device.connection !== 'disconnected' || device.last_seen === null) return null;
  const time = localDateTime(Date.parse(device.last_seen), locale.value);
  return t('device.last_message', { time });
}

export function clockText(device: Device): string {
  if (!device.clock) return '–';
  const { state, offset_ms: n } = device.clock;
  if (state === 'unknown' || state === 'good') return t(`device.clock_${state}`, { n });
  const amount = ageText(age(0, Math.abs(n)));
  const off = n < 0 ? t('device.clock_fast', { amount }) : t('device.clock_slow', { amount });
  return state === 'off' ? off : t(`device.clock_${state}`, { off });
}

export function DeviceList({
  devices,
  nowMs,
  mayAttach,
}: {
  devices: readonly Device[];
  nowMs: number;
  mayAttach: boolean;
}) {
  return (
    <section class="device-list" aria-labelledby="device-list-title">
      <h2 id="device-list-title">{t('patient.devices')}</h2>
      {devices.length === 0 && (
        <p class="quiet">
          {t('tile.no_device')}. {mayAttach && <a href="/devices">{t('devices.attach')}</a>}
        </p>
      )}
      <ul>
        {devices.map((device) => (
          <li key={device.id} data-connection={device.connection}>
            <strong>{device.display}</strong>
            <p>
              <span class="device-list__state">{deviceState(device, nowMs)}</span>
              {device.battery && ` · ${t('tile.battery', { percent: device.battery.percent })}`}
            </p>
            {lastSeen(device) && <p class="quiet">{lastSeen(device)}</p>}
            {device.attached_from && (
              <p class="quiet">
                {t('patient.device_since', {
                  time: localDateTime(Date.parse(device.attached_from), locale.value),
                })}
              </p>
            )}
          </li>
        ))}
      </ul>
      <p class="quiet">{t('origin.hint')}</p>
    </section>
  );
}
