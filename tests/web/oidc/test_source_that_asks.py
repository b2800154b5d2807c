"""The demo's RIVM asks VAD about every token; the hospital checks the signature alone (RFC 7662, docs/demo.md)."""

import time

import requests

from tests.support.person import Person, tokens
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town


def ask(town: Town, source: str, service: str, token: str) -> int:
    """Ask a source for everything; return the status."""
    address = f"{town.address(source)}/fhir/{service}/Patient/$everything"
    return requests.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=20).status_code


def test_a_stopped_consent_counts_at_once_where_vad_is_asked(vad_town: Town, rp: RelyingParty, person: Person) -> None:
    """Within a second after the person stopped it on P14, no data leave RIVM; the hospital can't know yet."""
    rivm, hospital = vad_town.address("rivm"), vad_town.address("hospital")
    held = tokens(rp, person, (rivm, hospital), "openid 48 63")
    at_rivm = rp.exchange(held["access_token"], rivm).json()["access_token"]
    at_hospital = rp.exchange(held["access_token"], hospital).json()["access_token"]
    assert ask(vad_town, "rivm", "63", at_rivm) == 200
    assert ask(vad_town, "hospital", "48", at_hospital) == 200
    person.open(f"{vad_town.issuer}/mijn/toestemmingen")
    form = next(form for form in person.page.forms if any(field.value == rp.client_id for field in form.fields))
    began = time.monotonic()
    person.press(form.buttons[0].identifier)
    assert ask(vad_town, "rivm", "63", at_rivm) == 401
    assert time.monotonic() - began < 1
    assert ask(vad_town, "hospital", "48", at_hospital) == 200


def test_a_token_that_was_given_back(vad_town: Town, rp: RelyingParty, person: Person) -> None:
    """Revocation reaches the source as well."""
    rivm = vad_town.address("rivm")
    held = tokens(rp, person, (rivm,), "openid 63")
    token = rp.exchange(held["access_token"], rivm).json()["access_token"]
    assert ask(vad_town, "rivm", "63", token) == 200
    rp.revoke(held["refresh_token"])
    assert ask(vad_town, "rivm", "63", token) == 401
