"""QoS 1 vital signs from 50 connections: CPU a message and latency, Mosquitto beside."""
from servers import load
from servers.mosquitto import Mosquitto
from servers.vigil import Vigil
from table import Row

WORK = "QoS 1, 116-byte vital signs (3 readings), 50 connections, window 100"
STEADY = 20_000


def measure(settings):
    kinds = {
        "plain": ({}, Row(f"{WORK}: CPU a message", "µs", 3.4, 2), Row("  the same against Mosquitto", "×", 0.5, 0.3)),
        "subscriber": ({"subscribers": 1, "filter": "vigil/#"}, Row("the same with one live MQTT subscriber (QoS 0): CPU", "µs", 5, 3),
                       Row("  the same against Mosquitto", "×")),
        "tls": ({"subscribers": 1, "filter": "vigil/#", "tls": True}, Row("the row above over TLS: CPU a message", "µs", 6, 4),
                Row("  the same against Mosquitto", "×")),
    }
    throughput = Row("durable messages a second, the first row's run", "/s", more=True, digits=0)
    steady = {
        "p50_us": Row(f"PUBACK at a steady {STEADY:,}/s: p50", "ms", 1, 0.5),
        "p99_us": Row("  p99", "ms", 6, 2),
        "p999_us": Row("  p99.9", "ms"),
    }
    failures = []
    for _ in settings.each_run("publish"):
        seen = {}
        for server_kind in (Vigil, Mosquitto):
            with server_kind() as server:
                for kind, (options, _, _) in kinds.items():
                    seen[server.name, kind] = load.run(server, seconds=settings.seconds, **options)
                seen[server.name, "steady"] = load.run(server, seconds=settings.seconds, rate=STEADY)
                if server_kind is Vigil:
                    server.must_hold("heart_rate", sum(each["acknowledged"] for each in seen.values()))
        for kind, (_, absolute, ratio) in kinds.items():
            ours, theirs = seen["Vigil", kind], seen["Mosquitto", kind]
            absolute.add(ours["cpu_us"], ours["others"], Mosquitto=theirs["cpu_us"])
            ratio.add(ours["cpu_us"] / theirs["cpu_us"], max(ours["others"], theirs["others"]))
        ours, theirs = seen["Vigil", "plain"], seen["Mosquitto", "plain"]
        throughput.add(ours["rate"], ours["others"], Mosquitto_in_memory=theirs["rate"])
        ours, theirs = seen["Vigil", "steady"], seen["Mosquitto", "steady"]
        for quantile, row in steady.items():
            row.add(ours["acknowledgement"][quantile] / 1e3, ours["others"], Mosquitto=theirs["acknowledgement"][quantile] / 1e3)
        failures += [f"{name} {kind}: {result.get('unacknowledged')} unacknowledged, {result['refused']} refused"
                     for (name, kind), result in seen.items() if result.get("unacknowledged") or result["refused"]]
        subscribed = seen["Vigil", "subscriber"]
        kinds["subscriber"][1].note = f"the subscriber received {subscribed['received'] / max(1, subscribed['messages']):.1%} of what was published meanwhile"
    throughput.note = "; ".join(failures)
    rows = [row for _, absolute, ratio in kinds.values() for row in (absolute, ratio)]
    return [*rows[:2], throughput, *rows[2:], *steady.values()]
