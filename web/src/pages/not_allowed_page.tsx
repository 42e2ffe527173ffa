// A page that was opened by its address, without the right to it: which one, why, and what to do.
import { isOwnView } from '../access/roles';
import type { Me } from '../api/access_shapes';
import type { Route } from '../state/route';
import { nameOfPage } from '../ui/pages_list';
import { t } from '../words';
import './access.css';

export function NotAllowedPage({ at, who }: { at: Route; who: Me }) {
  const name = nameOfPage(at.page);
  return (
    <div class="calm">
      <h1>{t('access.closed', { page: name ? t(name) : t('access.this_page') })}</h1>
      <p>{t('access.closed_why', { role: t(`role.${who.role}`), username: who.username })}</p>
      <p>{t(isOwnView(who.role) ? 'access.closed_own' : 'access.closed_how')}</p>
      <p>
        <a class="button" href="/">
          {t('access.home')}
        </a>
      </p>
    </div>
  );
}
