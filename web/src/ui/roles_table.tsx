// What each role may do, as one table; where there is no room for it, each role in words.
import { mostOf, roleTable, type RoleRules } from '../access/roles';
import type { Area } from '../api/access_shapes';
import { t } from '../words';
import { RoleWords } from './role_words';

/** Told by a letter, its weight and its words. */
function Cell({ rules, area }: { rules: RoleRules; area: Area }) {
  const act = mostOf(rules.may[area]);
  return (
    <td class="roles__act" data-act={act ?? 'none'}>
      {act === null ? (
        <>
          <span aria-hidden="true">·</span>
          <span class="only-heard">{t('act.short.none')}</span>
        </>
      ) : (
        <>
          <span aria-hidden="true">{t(`act.letter.${act}`)}</span>
          <span class="only-heard">{t(`act.short.${act}`)}</span>
        </>
      )}
    </td>
  );
}

export function RolesTable() {
  const { areas, roles } = roleTable;
  return (
    <div class="roles">
      <h2 id="roles-title">{t('roles.title')}</h2>
      <p class="quiet roles__legend">{t('roles.legend')}</p>
      <div class="roles__scroll" role="region" aria-labelledby="roles-title" tabIndex={0}>
        <table class="roles__table">
          <caption class="only-heard">{t('roles.title')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('accounts.role')}</th>
              <th scope="col">{t('roles.reach')}</th>
              {areas.map((area) => (
                <th key={area} scope="col" class="roles__area">
                  <span>{t(`area.${area}`)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {roles.map((rules) => (
              <tr key={rules.role}>
                <th scope="row">{t(`role.${rules.role}`)}</th>
                <td>
                  {t(`reach.short.${rules.reach}`)}
                  {rules.emergency && ` · ${t('role.emergency_short')}`}
                </td>
                {areas.map((area) => (
                  <Cell key={area} rules={rules} area={area} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="roles__each">
        {roles.map(({ role }) => (
          <details key={role}>
            <summary>{t(`role.${role}`)}</summary>
            <RoleWords role={role} />
          </details>
        ))}
      </div>
    </div>
  );
}
