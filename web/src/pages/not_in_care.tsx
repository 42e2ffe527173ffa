// A patient who is not in one's care, or who keeps their data from one: what that means and, for whoever
// may break the glass, the way in.
import { useEffect } from 'preact/hooks';
import { isOwnView } from '../access/roles';
import type { Withheld } from '../access/withheld';
import type { Me } from '../api/access_shapes';
import { watch, watchDevices } from '../state/watch';
import { GlassForm } from '../ui/glass_form';
import { t } from '../words';
import './access.css';

function whyNot(who: Me): string {
  if (isOwnView(who.role)) return t('access.not_yours_how');
  if (who.units.length > 0) return t('access.not_in_care_units', { units: who.units.join(', ') });
  return t('access.not_in_care_why');
}

/** Why the patient is closed, and what to do about it. */
function Why({ who, withheld }: { who: Me; withheld: Withheld | null }) {
  if (!withheld) return <p>{whyNot(who)}</p>;
  return (
    <>
      <p>{t('withheld.why')}</p>
      {withheld.consent !== null && (
        <p class="quiet">{t('withheld.which', { consent: withheld.consent })}</p>
      )}
    </>
  );
}

function headingOf(id: string, who: Me, withheld: Withheld | null): string {
  if (withheld) return t('withheld.title', { id });
  return t(isOwnView(who.role) ? 'access.not_yours' : 'access.not_in_care', { id });
}

const ToFirstPage = () => (
  <a class="button" href="/">
    {t('access.home')}
  </a>
);

export function NotInCare({
  id,
  who,
  withheld,
  onOpened,
}: {
  id: string;
  who: Me;
  /** Null: it is for who they are, not for a Consent of the patient. */
  withheld: Withheld | null;
  onOpened: () => void;
}) {
  useEffect(() => watch(watchDevices), []);
  const how = withheld ? 'withheld.how' : isOwnView(who.role) ? null : 'access.not_in_care_how';
  return (
    <div class="calm">
      <h1>{headingOf(id, who, withheld)}</h1>
      <Why who={who} withheld={withheld} />
      {who.emergency ? (
        <section class="card">
          <h2 id="glass-title">{t('glass.title')}</h2>
          <GlassForm id={id} label="glass-title" onOpened={onOpened}>
            <ToFirstPage />
          </GlassForm>
        </section>
      ) : (
        <>
          {how && <p>{t(how)}</p>}
          <p>
            <ToFirstPage />
          </p>
        </>
      )}
    </div>
  );
}
