export function StatusPage(_: Record<string, unknown>) { return <p>StatusPage</p>; }
