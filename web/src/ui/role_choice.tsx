// One of the roles, and what it may do.
import { useId } from 'preact/hooks';
import { roleTable } from '../access/roles';
import type { Role } from '../api/shapes';
import { t } from '../words';
import { RoleWords } from './role_words';

export function RoleChoice({ role, onChange }: { role: Role; onChange: (role: Role) => void }) {
  const id = useId();
  return (
    <div class="field">
      <label>
        <span>{t('accounts.role')}</span>
        <select
          name="role"
          value={role}
          aria-describedby={id}
          onChange={(event) => onChange(event.currentTarget.value as Role)}
        >
          {roleTable.roles.map((one) => (
            <option key={one.role} value={one.role}>
              {t(`role.${one.role}`)}
            </option>
          ))}
        </select>
      </label>
      <RoleWords role={role} id={id} />
    </div>
  );
}
