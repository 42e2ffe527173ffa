import { t } from '../words';

export function UnknownPage({ path }: { path: string }) {
  return (
    <div class="page-note">
      <p>{t('app.unknown_page', { path })}</p>
      <p>
        <a href="/">{t('app.to_ward')}</a>
      </p>
    </div>
  );
}
