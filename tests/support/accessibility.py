"""What every page must pass in a real browser: axe, 320 px wide, and a Tab walk that sees each focus."""

from typing import cast

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ElementHandle, FloatRect, Page

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

_BOX = """(e, margin) => {
    const r = e.getBoundingClientRect(), root = document.documentElement;
    return {
        left: Math.max(r.left - margin, 0), top: Math.max(r.top - margin, 0),
        right: Math.min(r.right + margin, root.clientWidth), bottom: Math.min(r.bottom + margin, window.innerHeight),
    };
}"""


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
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    expected = page.evaluate(_TAB_STOPS)
    stops: list[str] = []
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        element = page.evaluate_handle("document.activeElement").as_element()
        if element is None or element.evaluate("e => e === document.body || e === document.documentElement"):
            break
        name = cast("str", element.evaluate("e => e.id || e.getAttribute('role') || e.innerText.trim()"))
        if element.evaluate("(e, among) => e.matches(among)", among):
            assert _looks_different_with_focus(page, element), f"{page.url}: focus on {name!r} cannot be seen"
        stops.append(name)
    assert len(stops) == expected, f"{page.url}: Tab reached {len(stops)} of {expected} places: {stops}"
    return stops


def focus_can_be_seen(page: Page) -> bool:
    """Tell whether what has the focus looks different from what it looks like without (WCAG 2.4.7)."""
    element = page.evaluate_handle("document.activeElement").as_element()
    return element is not None and _looks_different_with_focus(page, element)


def _looks_different_with_focus(page: Page, element: ElementHandle) -> bool:
    area = _surroundings(element)
    with_focus = page.screenshot(clip=area, animations="disabled")
    element.evaluate("e => e.blur()")
    without_focus = page.screenshot(clip=area, animations="disabled")
    element.evaluate("e => e.focus({preventScroll: true})")
    return with_focus != without_focus


def _surroundings(element: ElementHandle) -> FloatRect:
    """Give the part of the window with the element and a margin; Tab has scrolled it into view."""
    box: dict[str, float] = element.evaluate(_BOX, _MARGIN)
    assert box["right"] > box["left"], "the focus is outside the window"
    assert box["bottom"] > box["top"], "the focus is outside the window"
    return {
        "x": box["left"],
        "y": box["top"],
        "width": box["right"] - box["left"],
        "height": box["bottom"] - box["top"],
    }
