import { change, lockMinutesOf, preferences, type Preferences } from '../state/preferences';
import { languages, t } from '../words';
import { Dialog } from './dialog';

interface Choice<T extends string> {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}

function Select<T extends string>({ label, value, options, onChange }: Choice<T>) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
        {options.map(([option, words]) => (
          <option key={option} value={option}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

function Check({
  label,
  value,
  onChange,
}: {
  label: string;
  value: boolean;
  onChange: (value: boolean) => void;
}) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={value}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      {label}
    </label>
  );
}

const themes = ['auto', 'dark', 'light'] as const;
const speeds = ['12.5', '25', '50'] as const;
const lockMinutes = [2, 5, 10, 15, 30] as const;

function LockChoice() {
  const chosen = lockMinutesOf(preferences.value);
  const offered = [...new Set([...lockMinutes, chosen])].filter((n) => n > 0).sort((a, b) => a - b);
  return (
    <Select
      label={t('preferences.lock')}
      value={String(chosen)}
      options={[
        ...offered.map((n) => [String(n), t('preferences.lock.minutes', { n })] as const),
        ['0', t('preferences.lock.never')] as const,
      ]}
      onChange={(minutes) => change({ lockMinutes: Number(minutes) })}
    />
  );
}

export function PreferencesPanel({
  onClose,
  onLock,
  onSignOut,
}: {
  onClose: () => void;
  onLock: () => void;
  onSignOut: () => void;
}) {
  const chosen = preferences.value;
  const units = (part: Partial<Preferences['units']>) =>
    change({ units: { ...chosen.units, ...part } });
  return (
    <Dialog title={t('nav.preferences')} onClose={onClose}>
      <div class="fields">
        <Select
          label={t('preferences.theme')}
          value={chosen.theme}
          options={themes.map((theme) => [theme, t(`preferences.theme.${theme}`)])}
          onChange={(theme) => change({ theme })}
        />
        <Select
          label={t('preferences.language')}
          value={chosen.language}
          options={[
            ['auto', t('preferences.language.auto')],
            ...Object.entries(languages).map(([tag, { name }]) => [tag, name] as const),
          ]}
          onChange={(language) => change({ language })}
        />
        <Select
          label={t('preferences.temperature')}
          value={chosen.units.temperature}
          options={[
            ['Cel', '°C'],
            ['[degF]', '°F'],
          ]}
          onChange={(temperature) => units({ temperature })}
        />
        <Select
          label={t('preferences.pressure')}
          value={chosen.units.pressure}
          options={[
            ['mm[Hg]', 'mmHg'],
            ['kPa', 'kPa'],
          ]}
          onChange={(pressure) => units({ pressure })}
        />
        <Select
          label={t('preferences.glucose')}
          value={chosen.units.glucose}
          options={[
            ['mg/dL', 'mg/dL'],
            ['mmol/L', 'mmol/L'],
          ]}
          onChange={(glucose) => units({ glucose })}
        />
        <Select
          label={t('preferences.sweep')}
          value={String(chosen.sweepMmPerSecond) as (typeof speeds)[number]}
          options={speeds.map((speed) => [speed, `${speed} mm/s`])}
          onChange={(speed) =>
            change({ sweepMmPerSecond: Number(speed) as Preferences['sweepMmPerSecond'] })
          }
        />
        <LockChoice />
        <Check
          label={t('preferences.privacy')}
          value={chosen.initials}
          onChange={(initials) => change({ initials })}
        />
        <Check
          label={t('preferences.sound')}
          value={chosen.sound}
          onChange={(sound) => change({ sound })}
        />
        <Check
          label={t('preferences.shortcuts')}
          value={chosen.shortcuts}
          onChange={(shortcuts) => change({ shortcuts })}
        />
      </div>
      <p class="quiet">{t('preferences.kept')}</p>
      <div class="actions">
        <a class="button" href="/account" onClick={onClose}>
          {t('account.open')}
        </a>
        <button onClick={onLock}>{t('lock.now')}</button>
        <button onClick={onSignOut}>{t('nav.sign_out')}</button>
      </div>
    </Dialog>
  );
}
