"""What the tests of the plans share: the module that is played, apps, and somebody who logged in before."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.conformance.basic_client import BasicClient, checked
from tests.conformance.fapi2_client import Fapi2Client
from tests.conformance.playing import SIGNED
from tests.support.certificate_holder import ORIGIN, VARIANTS, Certificates, passed_on, session, variant
from tests.support.fapi2_variants import Places, VariantClient
from tests.support.key_holder import Holder
from tests.support.person import Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town
from tests.support.town_fixtures import FAPI2, REDIRECT, SECRETS

App = Callable[[str], Fapi2Client]


@pytest.fixture(autouse=True)
def module(request: pytest.FixtureRequest) -> str:
    """Give the name of the module that is played."""
    return str(getattr(request, "param", ""))


@pytest.fixture(autouse=True)
def way(request: pytest.FixtureRequest) -> str:
    """Give the way in which it is played: nothing, or what the second plan that has it does otherwise."""
    return str(getattr(request, "param", ""))


@pytest.fixture(scope="module")
def known(the_town: Town) -> dict[str, Any]:
    """Give the discovery document."""
    found = requests.get(f"{the_town.issuer}/.well-known/openid-configuration", timeout=20)
    assert (found.status_code, found.headers["Content-Type"]) == (200, "application/json")
    return dict(found.json())


@pytest.fixture(scope="module")
def first_login(the_town: Town) -> Iterator[tuple[Person, dict[str, Any]]]:
    """Give somebody who logged in at the first client and agreed until they say otherwise, and their ID token.

    Most modules are not about the login: one serves them all.
    """
    client, person = BasicClient(the_town.issuer, next(iter(SECRETS))), Person(the_town, urlsplit(REDIRECT).netloc)
    asked = client.ask()
    yield person, checked(client, client.tokens(person, asked, log_in=True), dict(asked.parameters)["nonce"])
    person.leave()


@pytest.fixture
def visitor(first_login: tuple[Person, dict[str, Any]]) -> Person:
    """Give that person."""
    person = first_login[0]
    person.answer = None
    person.urls.clear()
    person.seen.clear()
    return person


@pytest.fixture
def basic(vad_town: Town, way: str) -> BasicClient:
    """Give the client of Basic OP, or that of Form Post OP."""
    return BasicClient(vad_town.issuer, next(iter(SECRETS)), way or None)


@pytest.fixture
def app(vad_town: Town, rp_keys: dict[str, dict[str, object]]) -> App:
    """Give an app of profile `fapi2`, by name."""

    def named(name: str) -> Fapi2Client:
        rp = RelyingParty(vad_town.issuer, name, REDIRECT, rp_keys[name], vad_town.issuer)
        return Fapi2Client(Holder(rp), signs=name == FAPI2[1])

    return named


@pytest.fixture
def client(app: App, way: str) -> Fapi2Client:
    """Give the app that is tested: one that signs its requests where that is the way, and else one that does not."""
    return app(FAPI2[way == SIGNED])


@pytest.fixture
def second(app: App, way: str) -> Fapi2Client:
    """Give another app."""
    return app(FAPI2[way != SIGNED])


@pytest.fixture
def signing(app: App) -> Fapi2Client:
    """Give the one that signs all of them."""
    return app(FAPI2[1])


@pytest.fixture
def certified(
    the_town: Town, certificates: Certificates, rp_keys: dict[str, dict[str, object]], way: str
) -> tuple[VariantClient, VariantClient]:
    """Give the two apps of profile `fapi2` that show certificates, in the variant that is the way."""
    by_key, dpop = VARIANTS[way]

    def made(number: int, key: str) -> VariantClient:
        client_id, issuer = variant(way, number), the_town.issuer
        http = session(passed_on(certificates.file(client_id)))
        rp = RelyingParty(issuer, client_id, REDIRECT, rp_keys[key], issuer, http)
        places = Places(f"{issuer}/par", f"{issuer}/token", f"{issuer}/userinfo", ORIGIN)
        # What is bound to a key alone needs no certificate.
        return VariantClient(rp, places, by_key=by_key, dpop=dpop, opens=requests.Session() if dpop else None)

    return made(1, "rp-one"), made(2, "rp-two")


@pytest.fixture
def shown(certified: tuple[VariantClient, VariantClient]) -> VariantClient:
    """Give the first of them."""
    return certified[0]


@pytest.fixture
def stranger(certified: tuple[VariantClient, VariantClient]) -> VariantClient:
    """Give the second."""
    return certified[1]
