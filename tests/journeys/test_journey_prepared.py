"""An app prepares an authorisation; the person, who logs in once more for it, confirms it on VAD's page."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.journeys.gate import gate
from tests.support.api_client import SCOPE, Household
from tests.support.backroom import Backroom
from tests.support.person import HENDRIK, Person
from tests.support.relying_party_client import RelyingParty
from tests.support.visitor import NewVisitor
from vad.web.support.cookies import SESSION

pytestmark = pytest.mark.journey


@pytest.fixture
def household(new_person: Callable[[], Person], acting_rp: RelyingParty, backroom: Backroom) -> Iterator[Household]:
    """Give a person whose app uses the API, and leave nothing behind."""
    backroom.forget_mandates()
    yield Household(new_person(), new_person(), acting_rp, backroom)
    backroom.forget_mandates()
    backroom.forget_consents()


@pytest.mark.parametrize("scripts", [True, False])
def test_what_an_app_prepared_is_confirmed(
    new_visitor: NewVisitor,
    household: Household,
    backroom: Backroom,
    scripts: bool,  # noqa: FBT001 - a case
) -> None:
    """The consent page names it; the app prepares; a login of long ago is not enough; VAD shows the code."""
    visitor = new_visitor(scripts=scripts)

    def look(state: str) -> None:
        if scripts:  # what looks at a page needs them
            gate(visitor, state)

    visitor.open(household.rp.ask(scope=SCOPE).url)
    visitor.log_in(HENDRIK)
    visitor.sees("Mag Test rp-acts deze gegevens krijgen?")
    look("consent-api")
    offer = {"name": "Samira", "dataServices": ["48"], "apps": "this", "months": 6}
    address = household.fathers().post("/offers", offer).json()["confirmUri"]
    (cookie,) = (each["value"] for each in visitor.page.context.cookies() if each["name"] == SESSION)
    backroom.change_session(cookie, auth_time=datetime.now(UTC) - timedelta(minutes=6))
    visitor.open(address)
    visitor.sees("Inloggen bij VAD")
    expect(visitor.page.locator("main")).to_contain_text("Log opnieuw in")
    look("login-again")
    visitor.log_in(HENDRIK)
    visitor.sees("Controleer uw machtiging")
    look("mandate-confirm")
    visitor.press("#make")
    visitor.sees("Geef deze code aan Samira")
    assert len(backroom.events("mandate.offered")) == 1
