"""The rows of the table: what was measured beside what it must and should be."""
import statistics


class Row:
    """One line. `must` and `aim` are bounds on `value`: above them is a miss, below where `more` is better."""

    def __init__(self, work, unit="", must=None, aim=None, more=False, digits=2, note=""):
        self.work, self.unit, self.must, self.aim = work, unit, must, aim
        self.more, self.digits, self.note = more, digits, note
        self.values, self.peers, self.others = [], {}, []

    def add(self, value, others=None, **peers):
        """One run: our value, the cores that others used meanwhile, and what peers took for the same."""
        self.values.append(value)
        if others is not None:
            self.others.append(others)
        for name, peer in peers.items():
            self.peers.setdefault(name, []).append(peer)
        return self

    def number(self, values):
        if not values:
            return ""
        value = statistics.median(values)
        return f"{value:,.{self.digits}f}" if abs(value) < 1e5 else f"{value:,.0f}"

    def meets(self, bound):
        value = statistics.median(self.values)
        return value >= bound if self.more else value <= bound

    def mark(self):
        if not self.values:
            return "not measured"
        if self.aim is not None and self.meets(self.aim):
            return "aim"
        if self.must is None:
            return "" if self.aim is None else "not the aim"
        return "must" if self.meets(self.must) else "MISS"

    def bound(self, bound):
        if bound is None:
            return ""
        sign = "≥" if self.more else "≤"
        return f"{sign} {bound:,.6g}"

    def cells(self, noisy_cores):
        value = f"{self.number(self.values)} {self.unit}".strip()
        if len(self.values) > 1:
            spread = f"{min(self.values):,.{self.digits}f} to {max(self.values):,.{self.digits}f}"
        else:
            spread = ""
        peers = "; ".join(f"{name.replace('_', ' ')} {self.number(values)}" for name, values in self.peers.items())
        others = ""
        if self.others:
            cores = statistics.median(self.others)
            others = f"{cores:.1f}" + (" noisy" if cores > noisy_cores else "")
        return [self.work, value, self.bound(self.must), self.bound(self.aim), self.mark(), peers, spread, others]


HEAD = ["work", "Vigil", "must", "aim", "reached", "peers, same unit", "runs", "others' cores"]


def markdown(rows, noisy_cores):
    lines = [HEAD] + [row.cells(noisy_cores) for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]
    out = []
    for number, line in enumerate(lines):
        out.append("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |")
        if number == 0:
            out.append("| " + " | ".join("-" * width for width in widths) + " |")
    notes = [f"- {row.work}: {row.note}" for row in rows if row.note]
    return "\n".join(out) + ("\n\n" + "\n".join(notes) if notes else "")
