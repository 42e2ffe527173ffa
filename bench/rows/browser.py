"""From the moment a message is due at its device to the browser's socket, over the live stream."""
from servers import load
from servers.vigil import Vigil
from table import Row

RATE = 20_000


def measure(settings):
    rows = {
        "p50_us": Row(f"publish → browser WebSocket at {RATE:,}/s: p50", "ms"),
        "p99_us": Row("  p99", "ms", 15, 5),
        "p999_us": Row("  p99.9", "ms"),
    }
    complete = Row("  readings seen of those published", "%", digits=1)
    cpu = Row("  CPU a message, publishing and showing", "µs")
    for _ in settings.each_run("browser"):
        with Vigil() as server:
            result = load.run(server, live=True, seconds=settings.seconds, rate=RATE)
            server.must_hold("heart_rate", result["acknowledged"])
        for quantile, row in rows.items():
            row.add(result["sight"][quantile] / 1e3, result["others"])
        complete.add(100 * result["seen"] / (3 * max(1, result["messages"])), result["others"])
        cpu.add(result["cpu_us"], result["others"])
    complete.note = "about 100, since what was published last is seen after the measured part; less where the viewer itself got too little CPU and was given the newest alone"
    return [*rows.values(), complete, cpu]
