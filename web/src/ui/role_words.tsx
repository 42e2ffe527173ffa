// A role in words, made of what data/roles.tsv says: whose data, what may be done with them.
import { areasByAct, roleTable, rulesOf } from '../access/roles';
import type { Act, Area } from '../api/access_shapes';
import type { Role } from '../api/shapes';
import { locale, t } from '../words';
import './role_words.css';

const acts: readonly Act[] = ['a', 'w', 'r'];

function listed(areas: readonly Area[]): string {
  const words = areas.map((area) => t(`area.${area}`));
  return new Intl.ListFormat(locale.value).format(words);
}

export function RoleWords({ role, id }: { role: Role; id?: string }) {
  const rules = rulesOf(role);
  if (!rules) return null;
  const areas = areasByAct(rules, roleTable.areas);
  return (
    <div class="role-words" {...(id ? { id } : {})}>
      <p>{t(`role.means.${role}`)}</p>
      <ul>
        <li>{t(`reach.${rules.reach}`)}</li>
        {acts
          .filter((act) => areas[act].length > 0)
          .map((act) => (
            <li key={act}>{t(`act.${act}`, { areas: listed(areas[act]) })}</li>
          ))}
        {rules.emergency && <li>{t('role.emergency')}</li>}
      </ul>
    </div>
  );
}
