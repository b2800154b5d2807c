"""Bars of the overview's chart, in the units of an SVG. The table beside it says the same in figures."""

from dataclasses import dataclass
from datetime import datetime

from vad.services.staff_overview import Change, Figures

WIDTH, HEIGHT = 720, 200
_BASE = HEIGHT - 20
"""Where the bars stand: below it there is room for dates."""
_LINES = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; what it counts is its `kind`: "new" or "over"."""

    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line to read the height of bars by."""

    y: float
    value: int


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn."""

    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]
    begins: datetime
    ends: datetime
    width: int = WIDTH
    height: int = HEIGHT
    base: int = _BASE


def chart_of(figures: Figures) -> Chart:
    """For each day or month a bar of what became new, and one of what is over."""
    pairs = [(each.of(Change.NEW), each.over) for each in figures.steps]
    step = max(-(-max((max(pair) for pair in pairs), default=0) // _LINES), 1)
    unit, room = (_BASE - 10) / (step * _LINES), WIDTH / max(len(pairs), 1)
    bars = [
        Bar(
            x=round(room * (number + offset), 1),
            y=round(_BASE - count * unit, 1),
            width=round(room * 0.38, 1),
            height=round(count * unit, 1),
            kind=kind,
        )
        for number, pair in enumerate(pairs)
        for count, kind, offset in zip(pair, ("new", "over"), (0.1, 0.5), strict=True)
        if count
    ]
    lines = [Line(round(_BASE - step * line * unit, 1), step * line) for line in range(1, _LINES + 1)]
    return Chart(tuple(bars), tuple(lines), figures.steps[0].begins, figures.steps[-1].begins)
