export function QuarantinePage(_: Record<string, unknown>) { return <p>QuarantinePage</p>; }
