"""People whose app uses the API."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.api_client import Household
from tests.support.backroom import Backroom
from tests.support.person import Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town


@pytest.fixture
def household(new_person: Callable[[], Person], acting_rp: RelyingParty, backroom: Backroom) -> Iterator[Household]:
    """Give two people with nothing between them, and leave nothing behind."""
    backroom.ask("DELETE FROM blocks")
    backroom.forget_mandates()
    backroom.forget_consents()
    yield Household(new_person(), new_person(), acting_rp, backroom)
    backroom.ask("DELETE FROM blocks")
    backroom.forget_mandates()
    backroom.forget_consents()


@pytest.fixture
def vad_issuer(the_town: Town) -> str:
    """Give VAD's address."""
    return the_town.issuer
