// The parts of the alarms' page, each at an address of its own.
import { hrefOf, type Route } from '../state/route';
import { tabWords as t } from '../words/alarm_tabs';
import './alarm_tabs.css';

type Tab = 'alarms' | 'duties' | 'displays' | 'defaults' | 'what-if';

const tabs: { tab: Tab; to: Route }[] = [
  { tab: 'alarms', to: { page: 'alarms', patient: '', days: 1 } },
  { tab: 'duties', to: { page: 'duties' } },
  { tab: 'displays', to: { page: 'displays' } },
  { tab: 'defaults', to: { page: 'defaults', unit: '', ageClass: 'adult' } },
  { tab: 'what-if', to: { page: 'what-if' } },
];

export function AlarmTabs({ at }: { at: Tab }) {
  return (
    <nav class="alarm-tabs" aria-label={t('label')}>
      {tabs.map(({ tab, to }) => (
        <a key={tab} href={hrefOf(to)} {...(tab === at ? { 'aria-current': 'page' } : {})}>
          {t(tab)}
        </a>
      ))}
    </nav>
  );
}
