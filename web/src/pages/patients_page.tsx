export function PatientsPage(_: Record<string, unknown>) { return <p>PatientsPage</p>; }
