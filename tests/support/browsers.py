"""One driver of browsers and one browser for each process of a run: to start them takes longer than many a test.

While the driver runs, Python takes the thread of the tests for one with a running loop of asyncio: what a test does
with a loop of its own, it does in another thread.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.support.visitor import ARGUMENTS


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Give what drives browsers; there can't be two in one thread."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    """Give a browser, in which each test has a context of its own: nobody else's cookies, nothing fetched before."""
    with playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS)) as started:
        yield started
