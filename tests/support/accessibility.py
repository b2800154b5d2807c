"""What every page must pass in a real browser: axe, 320 px wide, and a Tab walk that sees each focus."""

from typing import TypedDict, cast

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FloatRect, Page

_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_NARROW = 320
_MARGIN = 8
_MOST_STOPS = 200

_TAB_STOPS = """() => {
    const groups = new Set();
    const stops = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
    return [...document.querySelectorAll(stops)].filter(e => {
        if (e.disabled || e.type === 'hidden' || e.tabIndex < 0 || !e.checkVisibility()) return false;
        if (e.type !== 'radio') return true;
        const known = groups.has(e.name);
        groups.add(e.name);
        return !known;
    }).length;
}"""

_STOP = """([among, margin]) => {
    const e = document.activeElement, root = document.documentElement;
    if (!e || e === document.body || e === root) return null;
    const r = e.getBoundingClientRect();
    return {
        again: window.firstStop === e,
        name: e.id || e.getAttribute('role') || e.innerText.trim(),
        among: e.matches(among),
        left: Math.max(r.left - margin, 0), top: Math.max(r.top - margin, 0),
        right: Math.min(r.right + margin, root.clientWidth), bottom: Math.min(r.bottom + margin, window.innerHeight),
    };
}"""
"""What has the focus, if anything, and the part of the window with it and a margin."""


class _Stop(TypedDict):
    again: bool
    name: str
    among: bool
    left: float
    top: float
    right: float
    bottom: float


def assert_accessible(page: Page) -> None:
    """Run axe for WCAG 2.2 A and AA and good practice; not one violation may be left."""
    # Without preload: axe would fetch imported style sheets by script, which the pages' security policy forbids.
    options = {
        "runOnly": {"type": "tag", "values": list(_TAGS)},
        "resultTypes": ["violations"],
        "preload": False,
    }
    results = Axe().run(page, options=options)
    assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"


def assert_no_horizontal_scroll(page: Page) -> None:
    """At 320 CSS pixels wide nothing sticks out (WCAG 1.4.10); the page gets its own size back afterwards."""
    before = page.viewport_size
    page.set_viewport_size({"width": _NARROW, "height": 640})
    try:
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= _NARROW, f"{page.url} is {width} px wide in a window of {_NARROW} px"
    finally:
        if before is not None:
            page.set_viewport_size(before)


def assert_focus_visible(page: Page, among: str = "*") -> list[str]:
    """Walk the page with Tab from its top: each stop must look different while it has the focus (WCAG 2.4.7).

    Looks at pixels, so it also holds for forced colours. Gives the stops in order, by id, role or text, for tests
    that care about the order (WCAG 2.4.3). `among` is a CSS selector: only stops that match it are looked at, all are
    counted. It saves time where the frame of a page has been looked at already.
    """
    page.evaluate("delete window.firstStop; document.activeElement.blur(); window.scrollTo(0, 0)")
    expected = page.evaluate(_TAB_STOPS)
    stops: list[str] = []
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        stop = _stop(page, among)
        # After the last one comes the browser's own frame, or the first one where there is no such frame.
        if stop is None or stop["again"]:
            break
        if not stops:
            page.evaluate("window.firstStop = document.activeElement")
        assert not stop["among"] or _can_be_seen(page, stop), f"{page.url}: focus on {stop['name']!r} is unseen"
        stops.append(stop["name"])
    assert len(stops) == expected, f"{page.url}: Tab reached {len(stops)} of {expected} places: {stops}"
    return stops


def focus_can_be_seen(page: Page) -> bool:
    """Tell whether what has the focus looks different from what it looks like without (WCAG 2.4.7)."""
    stop = _stop(page)
    return stop is not None and _can_be_seen(page, stop)


def _stop(page: Page, among: str = "*") -> _Stop | None:
    return cast("_Stop | None", page.evaluate(_STOP, [among, _MARGIN]))


def _can_be_seen(page: Page, stop: _Stop) -> bool:
    """Look at the pixels around it: Tab has scrolled it into view."""
    assert stop["right"] > stop["left"], "the focus is outside the window"
    assert stop["bottom"] > stop["top"], "the focus is outside the window"
    area: FloatRect = {
        "x": stop["left"],
        "y": stop["top"],
        "width": stop["right"] - stop["left"],
        "height": stop["bottom"] - stop["top"],
    }
    with_focus = page.screenshot(clip=area, animations="disabled")
    page.evaluate("window.hadFocus = document.activeElement; hadFocus.blur()")
    without_focus = page.screenshot(clip=area, animations="disabled")
    page.evaluate("hadFocus.focus({preventScroll: true})")
    return with_focus != without_focus
