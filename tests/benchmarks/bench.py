"""One run of the bench: who takes part, in which order they are asked, and what comes out."""

import argparse
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from tests.benchmarks import report, scaling
from tests.benchmarks.callers import FLOWS
from tests.benchmarks.load import Figures, measure
from tests.benchmarks.neighbourhood import PEOPLE, built
from tests.benchmarks.processes import largest, pin
from tests.benchmarks.report import WAYS
from tests.benchmarks.sampling import profiled
from tests.benchmarks.servers import Contender, Servers
from tests.benchmarks.trips import Trip, Trips, Wires, usual

CONTENDERS = ("floor", "vad", "granian", "naive", "rs256", *WAYS, "workers")
_COUNTED = ("floor", "vad", *WAYS, "naive")
_RS256_FLOWS = ("W3", "WX")
_WAY_FLOWS = {"par": ("W3",), "dpop": ("W3", "W4", "W5", "W6", "WX"), "mtls": ("W3", "W4", "W5", "W6", "WX")}
_ONE = ("--workers", "1")


class Bench:
    """What was asked, where it happens, and VAD itself, where people log in."""

    def __init__(self, asked: argparse.Namespace, folder: Path, stack: ExitStack) -> None:
        self._asked, self._folder = asked, folder
        self._flows = [flow for flow in FLOWS if flow in asked.flows]
        self._cores = sorted(os.sched_getaffinity(0))
        self._place = stack.enter_context(built(folder))
        self._servers = Servers(self._place, folder, stack)
        self._vad = self._servers.serve("vad", self._place.town.layout.port("vad"), {}, *_ONE)

    def rounds(self) -> list[str]:
        """Everybody in turn; gives the tables."""
        contenders = [each for name in self._asked.contenders for each in self._contender(name)]
        for each in contenders:
            pin(each.pid, self._cores[:1])
        found: dict[tuple[str, str], list[Figures]] = {}
        for number in range(self._asked.rounds):
            turn = number % max(len(contenders), 1)  # nobody always comes first
            for flow in self._flows:
                for each in (*contenders[turn:], *contenders[:turn]):
                    if flow in each.flows:
                        callers = each.callers[: self._asked.connections]
                        figures = measure(callers, flow, self._asked.seconds, each.pid, self._cores[-1:])
                        found.setdefault((flow, each.name), []).append(figures)
        held = {each.name: largest(each.pid) for each in contenders if each.name not in {"rs256", *WAYS}}
        counted = {each.name: self._trips(each.name, self._flows) for each in contenders if each.name in _COUNTED}
        trips = {(flow, name): Trips.of(made) for name, each in counted.items() for flow, made in each.items()}
        lines = [*report.costs(found, trips), *report.beside(found), *report.rs256(found), *report.ways(found, trips)]
        return [*lines, *report.waits(found), "", *report.all_trips(trips), *report.memory(held)]

    def workers(self) -> list[str]:
        """Two workers against one, each with as much to do as it can carry."""
        app, issuer, seconds = self._place.apps.usual, self._place.town.issuer, self._asked.seconds
        one = self._servers.more("one", self._vad, issuer, app, 2 * PEOPLE)
        two = self._servers.vad("two", 2 * PEOPLE, "--workers", "2")
        made = [
            scaling.Scaling(scaling.carried(one, 1, seconds), scaling.carried(two, 2, seconds), len(self._cores))
            for _ in range(self._asked.rounds)
        ]
        return report.workers(sorted(made, key=lambda each: each.times)[len(made) // 2])

    def profile(self, flow: str) -> list[str]:
        """Where VAD's time goes, and its trips."""
        lines = profiled(self._place, flow, self._asked.seconds * self._asked.rounds)
        (trips,) = self._trips("vad", [flow]).values()
        return [*lines, "", *report.itinerary(trips)]

    def _contender(self, name: str) -> Iterator[Contender]:
        """The one of this name, started."""
        apps, issuer = self._place.apps, self._place.town.issuer
        match name:
            case "floor":
                yield self._servers.floor(PEOPLE)
            case "naive":
                yield self._servers.naive(PEOPLE)
            case "vad":
                yield self._servers.more(name, self._vad, issuer, apps.usual, PEOPLE)
            case "rs256":
                callers = self._servers.more(name, self._vad, issuer, apps.rs256, PEOPLE).callers
                yield Contender(name, self._vad.pid, callers, _RS256_FLOWS)
            case "par" | "dpop" | "mtls":
                app = apps.ways[name]
                yield replace(self._servers.more(name, self._vad, issuer, app, PEOPLE), flows=_WAY_FLOWS[name])
            case "granian" if find_spec("granian") is not None:
                yield self._servers.vad(name, PEOPLE, *_ONE, "--server", "granian")

    def _trips(self, name: str, flows: Sequence[str]) -> dict[str, list[Trip]]:
        """What a contender asks of the stores: another process of the same, with wires in between that listen."""
        with ExitStack() as stack:
            wires = Wires(stack)
            servers = Servers(self._place, self._folder, stack, wires.through)
            made = {"floor": servers.floor, "naive": servers.naive}.get(name)
            app = self._place.apps.ways.get(name, self._place.apps.usual)
            (caller,) = (made(1) if made else servers.vad("counted", 1, *_ONE, app=app)).callers
            with closing(caller):
                caller.authorize()
                return {flow: usual(caller, flow, wires) for flow in flows if flow in _WAY_FLOWS.get(name, FLOWS)}
