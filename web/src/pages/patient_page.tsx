export function PatientPage(_: Record<string, unknown>) { return <p>PatientPage</p>; }
