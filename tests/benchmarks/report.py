"""What is printed: tables in Markdown, as docs/performance.md has them."""

import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from statistics import median

from tests.benchmarks.callers import TITLES
from tests.benchmarks.load import Figures
from tests.benchmarks.processes import Memory
from tests.benchmarks.scaling import FLOW, Carried, Scaling
from tests.benchmarks.trips import Trip, Trips

BUDGETS = {
    "W1": (1.2, 0.0),
    "W3": (1.3, 0.0),
    "W4": (1.45, 0.0),
    "W5": (1.2, 0.3),
    "W6": (1.2, 0.3),
    "WX": (0.0, 2.6),
}
"""Times the floor, plus milliseconds."""
WAYS = {"par": "pushed requests", "dpop": "DPoP", "mtls": "certificate"}
"""How else an app may ask, and how that is called."""
NAIVE_TIMES = 4.0
"""How many times as much the naive server must cost, of W3."""
MEMORY_MIB = 120.0
WORKERS_TIMES = 1.8
"""How much two workers on two cores must carry, beside one on one."""

Found = Mapping[tuple[str, str], Sequence[Figures]]
"""By flow and contender, each round."""


def flows(found: Found) -> list[str]:
    """The flows that were measured, in order."""
    return [flow for flow in TITLES if any(flow == each for each, _ in found)]


def costs(found: Found, trips: Mapping[tuple[str, str], Trips]) -> list[str]:
    """Processor time of VAD beside the floor's and the budget, and the trips that it makes for it."""
    if not _measured(found, "floor") and not _measured(found, "vad"):
        return []
    rows = []
    for flow in flows(found):
        floor, vad = (_cpu(found, flow, name) for name in ("floor", "vad"))
        times, plus = BUDGETS[flow]
        budget = times * floor + plus if floor is not None else None
        over = vad is not None and budget is not None and vad > budget
        made = trips.get((flow, "vad"))
        rows.append(
            [
                f"{flow}: {TITLES[flow]}",
                _number(floor),
                _number(vad),
                f"{_spread(found, flow, 'floor')}, {_spread(found, flow, 'vad')}",
                _ratio(vad, floor),
                _number(budget),
                *([str(made.sql), f"{made.redis} ({made.redis_commands})"] if made else ["-", "-"]),
                "over budget" if over else "",
            ]
        )
    heads = ["CPU-ms per flow", "floor", "VAD", "spread of both", "VAD ÷ floor", "budget"]
    return [*table([*heads, "SQL trips", "Redis trips (commands)", ""], rows), ""]


def machine() -> str:
    """Where it ran, and whether somebody else was there too."""
    servers = [name for name in ("gunicorn", "granian") if find_spec(name) is not None]
    versions = ", ".join(f"{name} {version(name)}" for name in servers)
    cores, busy = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    return f"Python {platform.python_version()}, {versions}; cores: {cores}; load average at the start: {busy:.1f}"


def beside(found: Found) -> list[str]:
    """VAD under Granian, and the naive server; nothing where neither took part."""
    if not _measured(found, "granian") and not _measured(found, "naive"):
        return []
    rows = []
    for flow in flows(found):
        floor, vad, granian, naive = (_cpu(found, flow, name) for name in ("floor", "vad", "granian", "naive"))
        short = flow == "W3" and vad is not None and naive is not None and naive < NAIVE_TIMES * vad
        asked = f"{NAIVE_TIMES:.0f} x asked" if flow == "W3" and vad is not None and naive is not None else ""
        verdict = f"{asked}: short of it" if short else asked
        rows.append([flow, *map(_number, (vad, granian)), _ratio(granian, floor), _number(naive), _ratio(naive, vad)])
        rows[-1].append(verdict)
    heads = ["CPU-ms per flow", "VAD, gunicorn", "VAD, Granian", "Granian ÷ floor", "naive", "naive ÷ VAD, gunicorn"]
    return [*table([*heads, ""], rows), ""]


def rs256(found: Found) -> list[str]:
    """The same with RS256, apart."""
    rows = [[flow, *(_number(_cpu(found, flow, name)) for name in ("vad", "rs256"))] for flow in flows(found)]
    heads = ["CPU-ms per flow", "VAD, ES256", "VAD, RS256"]
    return [*table(heads, [row for row in rows if row[-1] != _number(None)]), ""] if _measured(found, "rs256") else []


def ways(found: Found, trips: Mapping[tuple[str, str], Trips]) -> list[str]:
    """The same with pushed requests, with proofs of a key, and with certificates, and their trips."""
    asked = [name for name in WAYS if _measured(found, name)]
    if not asked:
        return []
    rows = []
    for flow in [flow for flow in flows(found) if any((flow, name) in found for name in asked)]:
        rows.append([flow, _number(_cpu(found, flow, "vad"))])
        for name in asked:
            made = trips.get((flow, name))
            counted = f" ({made.sql} + {made.redis})" if made else ""
            rows[-1].append(f"{_number(_cpu(found, flow, name))}{counted}")
    heads = ["CPU-ms per flow (SQL + Redis trips)", "VAD", *(WAYS[name] for name in asked)]
    return [*table(heads, rows), ""]


def waits(found: Found) -> list[str]:
    """How long a caller waited, at each contender: the median and the slowest of a hundred."""
    names = list(dict.fromkeys(name for _, name in found))
    rows = []
    for flow in flows(found):
        cells = []
        for name in names:
            rounds = found.get((flow, name), ())
            p50, p99 = ([getattr(each, kind) for each in rounds] for kind in ("p50_ms", "p99_ms"))
            cells.append(f"{median(p50):.1f} / {median(p99):.1f}" if rounds else "-")
        rows.append([flow, *cells])
    return table(["p50 / p99, ms", *names], rows)


def all_trips(trips: Mapping[tuple[str, str], Trips]) -> list[str]:
    """The trips of each contender that they were counted of."""
    names = [name for name in dict.fromkeys(name for _, name in trips) if name not in WAYS]
    rows = []
    for flow in [flow for flow in TITLES if all((flow, name) in trips for name in names)]:
        made = [trips[flow, name] for name in names]
        rows.append([flow, *(f"{each.sql} + {each.redis} ({each.redis_commands})" for each in made)])
    return [*table(["SQL + Redis trips (Redis commands)", *names], rows), ""] if names else []


def itinerary(trips: Sequence[Trip]) -> list[str]:
    """The trips of one flow, in their order."""
    rows = [[str(number), trip.store, ", ".join(trip.said)] for number, trip in enumerate(trips, start=1)]
    return table(["trip", "to", "what for"], rows)


def memory(held: Mapping[str, Memory]) -> list[str]:
    """What the largest worker of each contender holds."""
    rows = []
    for name, each in held.items():
        over = [kind for kind, value in (("PSS", each.pss), ("RSS", each.rss)) if value > MEMORY_MIB]
        verdict = f"over budget ({', '.join(over)})" if over and name in {"vad", "granian"} else ""
        rows.append([name, *(f"{value:.0f}" for value in (each.own, each.pss, each.rss, MEMORY_MIB)), verdict])
    return table(["MiB per worker, after the run", "its own", "PSS", "RSS", "budget", ""], rows)


def workers(scaling: Scaling) -> list[str]:
    """Two workers beside one."""
    rows = [["1", *_carried(scaling.one)], ["2", *_carried(scaling.two)]]
    heads = [f"workers ({FLOW})", "flows/s", "flows per s of the workers' own time", "shares", "cores idle"]
    how = "flows/s on cores of their own" if scaling.own_cores else "flows per second of their own processor time"
    verdict = "" if scaling.times >= WORKERS_TIMES else f": below {WORKERS_TIMES}"
    return [*table(heads, rows), "", f"Two workers carry {scaling.times:.2f} x one, by {how}{verdict}."]


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table in Markdown whose columns stand straight in a terminal too."""
    wide = [max(len(line[number]) for line in (heads, *rows)) for number in range(len(heads))]
    aligned = [[cell.ljust(width) for cell, width in zip(line, wide, strict=True)] for line in (heads, *rows)]
    aligned.insert(1, ["-" * width for width in wide])
    return [f"| {' | '.join(line)} |" for line in aligned]


def _carried(each: Carried) -> list[str]:
    shares = " / ".join(f"{share:.0%}" for share in each.shares)
    return [f"{each.flows_per_second:.0f}", f"{each.flows_per_core_second:.0f}", shares, f"{each.idle:.0%}"]


def _measured(found: Found, name: str) -> bool:
    return any(name == each for _, each in found)


def _cpu(found: Found, flow: str, name: str) -> float | None:
    rounds = found.get((flow, name))
    return median(each.cpu_ms for each in rounds) if rounds else None


def _spread(found: Found, flow: str, name: str) -> str:
    """How far the rounds lie apart: what cannot be told from noise."""
    rounds = [each.cpu_ms for each in found.get((flow, name), ())]
    return f"± {(max(rounds) - min(rounds)) / 2 / median(rounds):.0%}" if rounds and median(rounds) else "-"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _ratio(value: float | None, beside: float | None) -> str:
    return "-" if value is None or not beside else f"{value / beside:.2f}"
