import { Dialog } from './dialog';
import type { Me } from '../api/access_shapes';
import { mayOpen, pagesFor } from './pages_list';
import { t, type WordKey } from '../words';

type Line = [keys: string[], words: WordKey];

/** As it is written on the viewer's keyboard. */
const enter = () => t('key.enter');

const general = (who: Me): Line[] => [
  [['?'], 'help.this'],
  ...pagesFor(who).map(({ key, words }): Line => [[key], words]),
  [['t'], 'help.theme'],
  [['l'], 'lock.now'],
  [['Esc'], 'help.back'],
];
const ward = (): Line[] => [
  [['←', '→', '↑', '↓'], 'help.move'],
  [[enter()], 'help.open'],
  [['i'], 'ward.privacy'],
];
const patient = (): Line[] => [
  [['←', '→'], 'help.step'],
  [['+', '−'], 'help.zoom'],
  [[t('key.home')], 'help.home'],
  [['1', '…', '8'], 'help.spans'],
  [[enter()], 'help.origin'],
  [['[', ']'], 'help.neighbours'],
];

function Keys({ title, lines }: { title: string; lines: Line[] }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl class="keys">
        {lines.map(([keys, words]) => (
          <>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(words)}</dd>
          </>
        ))}
      </dl>
    </section>
  );
}

export function KeyboardHelp({ who, onClose }: { who: Me; onClose: () => void }) {
  return (
    <Dialog title={t('help.title')} onClose={onClose}>
      <Keys title={t('help.general')} lines={general(who)} />
      {mayOpen('ward', who) && <Keys title={t('help.ward')} lines={ward()} />}
      {mayOpen('patient', who) && <Keys title={t('help.patient')} lines={patient()} />}
    </Dialog>
  );
}
