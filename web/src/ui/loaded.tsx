// A page, or a part of one, whose script comes when it is first shown: a first visit loads what everybody
// looks at.
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../words';
import { roomsSettled } from '../words/room';

export function loaded<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  let known: ComponentType<Props> | null = null;
  return function Loaded(props: Props) {
    const [state, become] = useState<'here' | 'loading' | 'failed'>(known ? 'here' : 'loading');
    useEffect(() => {
      let isWanted = true;
      if (known) return undefined;
      load()
        .then(async (component) => {
          await roomsSettled();
          known = component;
        })
        .then(
          () => isWanted && become('here'),
          () => isWanted && become('failed'),
        );
      return () => {
        isWanted = false;
      };
    }, []);
    if (state === 'here' && known) {
      const Known = known;
      return <Known {...props} />;
    }
    if (state === 'loading') return null;
    // The server was away, or has another version since: its scripts have other names.
    return (
      <p class="page-note" role="alert">
        {t('app.not_loaded')}{' '}
        <button onClick={() => location.reload()}>{t('app.load_anew')}</button>
      </p>
    );
  };
}
