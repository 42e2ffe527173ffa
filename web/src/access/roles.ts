// What each role may do, as data/roles.tsv says it: the same table that the server decides by.
import table from '../../../data/roles.tsv?raw';
import type { Act, Area } from '../api/access_shapes';
import type { Role } from '../api/shapes';

/** Whose data: everyone's, those of the account's units, those whom a care relation names, nobody's. */
export type Reach = 'everyone' | 'units' | 'granted' | 'nobody';

export interface RoleRules {
  role: Role;
  reach: Reach;
  /** May break the glass. */
  emergency: boolean;
  may: Partial<Record<Area, string>>;
}

export interface RoleTable {
  areas: Area[];
  roles: RoleRules[];
}

/** Before the areas stand the role's name, its reach, whether it may break the glass, and its purposes. */
const columnsBefore = 4;

export function parseRoles(text: string): RoleTable {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const [head = [], ...rows] = lines.map((line) => line.split('\t'));
  const areas = head.slice(columnsBefore) as Area[];
  return {
    areas,
    roles: rows.map(([role = '', reach = '', emergency = '', , ...acts]) => ({
      role: role as Role,
      reach: reach as Reach,
      emergency: emergency === 'yes',
      may: Object.fromEntries(
        areas.map((area, i) => [area, acts[i] ?? ''] as const).filter(([, letters]) => letters),
      ),
    })),
  };
}

export const roleTable = parseRoles(table);

export const rulesOf = (role: Role): RoleRules | undefined =>
  roleTable.roles.find((one) => one.role === role);

/** The most that a role may do in an area: a above w above r; null: nothing. */
export function mostOf(letters: string | undefined): Act | null {
  for (const act of ['a', 'w', 'r'] as const) if (letters?.includes(act)) return act;
  return null;
}

/** The areas by the most that may be done in them, in the table's order. */
export function areasByAct(rules: RoleRules, areas: readonly Area[]): Record<Act, Area[]> {
  const of = (act: Act) => areas.filter((area) => mostOf(rules.may[area]) === act);
  return { r: of('r'), w: of('w'), a: of('a') };
}

/** Whom the role's care relations make: who may be named to a patient in which kind. */
export const isOwnView = (role: Role): boolean => role === 'patient' || role === 'caregiver';
