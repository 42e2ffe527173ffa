export function ComponentsPage(_: Record<string, unknown>) { return <p>ComponentsPage</p>; }
