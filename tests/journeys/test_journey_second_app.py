"""A second app in a live session: the person reads its name and goes on without DigiD (rule 37)."""

import pytest

from tests.journeys.gate import gate
from tests.support.person import FROUKE
from tests.support.relying_party_client import RelyingParty
from tests.support.visitor import NewVisitor

pytestmark = pytest.mark.journey

SOURCE = "https://source.example"


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_on_to_a_second_app(new_visitor: NewVisitor, other_rp: RelyingParty, scripts: bool) -> None:  # noqa: FBT001
    """The page that asks passes everything that a page must; after "Doorgaan" the next question is consent."""
    visitor = new_visitor(scripts=scripts)
    visitor.start()
    visitor.sees("Inloggen bij Mijn Zorgmap")
    visitor.log_in(FROUKE)
    visitor.consent(1, 2, 3)
    visitor.sees("Mijn gegevens")
    visitor.open(other_rp.ask(scope="openid 48", resources=(SOURCE,)).url)
    visitor.page.wait_for_selector("#continue")
    if scripts:
        gate(visitor, "confirm-login")
    visitor.press("#continue")
    visitor.sees("Mag Test rp-two deze gegevens krijgen?")
