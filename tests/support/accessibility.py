"""What every page must pass in a real browser: axe, and 320 px wide."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_NARROW = 320


def assert_accessible(page: Page) -> None:
    """Run axe for WCAG 2.2 A and AA and good practice; not one violation may be left."""
    # Without preload: axe would fetch imported style sheets by script, which the pages' security policy forbids.
    options = {
        "runOnly": {"type": "tag", "values": list(_TAGS)},
        # What passes need not be described, brought here and read.
        "resultTypes": ["violations"],
        "reporter": "no-passes",
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
