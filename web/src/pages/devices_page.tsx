export function DevicesPage(_: Record<string, unknown>) { return <p>DevicesPage</p>; }
