"""Visitors whose browser may object to nothing."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from tests.support.database import ask
from tests.support.town import Town
from tests.support.visitor import Complaints, Hands, NewVisitor, Visitor


@pytest.fixture
def new_visitor(browser: Browser, vad_town: Town) -> Iterator[NewVisitor]:
    """Give Dutch visitors who agreed to nothing yet.

    Afterwards: no browser had anything to object to, no policy was violated and nothing was missing.
    """
    ask(vad_town.database.superuser_url, "DELETE FROM consents")
    complaints = Complaints()
    with ExitStack() as contexts:

        def make(hands: Hands = Hands.MOUSE, *, scripts: bool = True) -> Visitor:
            context = browser.new_context(
                java_script_enabled=scripts, locale="nl-NL", viewport={"width": 1000, "height": 800}
            )
            contexts.enter_context(context)
            context.set_default_timeout(10_000)
            complaints.listen(context)
            return Visitor(vad_town, context.new_page(), hands)

        yield make
    assert complaints.found == []


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Visitor:
    """Give one visitor, with a mouse and scripts on."""
    return new_visitor()
