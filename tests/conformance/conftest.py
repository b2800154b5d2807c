"""What the tests of the plans share."""

from collections.abc import Callable, Iterator

import pytest

from tests.conformance.fapi2_client import Fapi2Client
from tests.support.backroom import Backroom
from tests.support.key_holder import Holder
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town
from tests.support.town_fixtures import FAPI2, REDIRECT

App = Callable[[str], Fapi2Client]


@pytest.fixture(autouse=True)
def nothing_agreed(backroom: Backroom) -> Iterator[None]:
    """Let nobody have agreed before, nor go on agreeing."""
    backroom.forget_consents()
    yield
    backroom.forget_consents()


@pytest.fixture
def app(vad_town: Town, rp_keys: dict[str, dict[str, object]]) -> App:
    """Give an app of profile `fapi2`, by name."""

    def named(name: str) -> Fapi2Client:
        return Fapi2Client(Holder(RelyingParty(vad_town.issuer, name, REDIRECT, rp_keys[name], vad_town.issuer)))

    return named


@pytest.fixture
def client(app: App) -> Fapi2Client:
    """Give the one that may leave its requests unsigned."""
    return app(FAPI2[0])


@pytest.fixture
def signing(app: App) -> Fapi2Client:
    """Give the one that signs all of them."""
    return app(FAPI2[1])
