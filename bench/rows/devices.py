"""Many devices, each once a second."""
import resource

from servers import load
from servers.vigil import Vigil
from table import Row


def measure(settings):
    count = 1_000 if settings.quick else 10_000
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < count + 200:
        raise SystemExit(f"{count:,} connections need as many open files: raise the hard limit (ulimit -Hn)")
    cores = Row(f"{count:,} devices connected and sending once a second: cores", "", aim=0.3 * count / 10_000)
    errors = Row("  errors: refused, not acknowledged, disconnected", "", 0, digits=0)
    slow = Row("  PUBACK p99", "ms")
    for _ in settings.each_run("devices", runs=1):
        settings.say(f"registering {count:,} devices")
        with Vigil(devices=count) as server:
            result = load.run(server, connections=count, rate=count, seconds=4 * settings.seconds, warm_up=3)
            settings.say("looking whether all of it is stored")
            server.must_hold("heart_rate", result["acknowledged"])
        cores.add(result["server_cores"], result["others"])
        errors.add(result["refused"] + result.get("unacknowledged", 0) + result.get("lost_connections", 0))
        slow.add(result["acknowledgement"]["p99_us"] / 1e3, result["others"])
    return [cores, errors, slow]
