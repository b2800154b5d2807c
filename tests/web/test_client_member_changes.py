"""What is registered of an app, changed by two of the staff: read as a file is read, and proved once more (A7)."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, Response

from tests.support.backroom import Backroom
from tests.support.person import FROUKE, SAMIRA, Person, tokens
from tests.support.relying_party_client import RelyingParty, answer_of, new_key, public
from tests.support.staff_office import WHY, StaffOffice
from tests.support.town import Town
from tests.support.town_fixtures import REDIRECT
from tests.web.oidc.inside import visit
from tests.web.test_client_administration import (
    NEW,
    SOURCE,
    clients,
    entry,
    key,
    managers,
    registered,
    shown,
    wait_until,
)
from vad.adapters.configuration.registration_form import RegistrationForm
from vad.domain.approval import OutdatedError, RequestState
from vad.domain.identifiers import RequestId
from vad.domain.profile import Profile
from vad.domain.registration_fault import FaultKind
from vad.sandbox.serving import serve
from vad.services.client_entry import entry_of
from vad.services.ports.registering import NotReadError, RegistrationFaultError

__all__ = ["key", "managers"]

Members = dict[str, object]


def ask(office: StaffOffice, **members: object) -> RequestId:
    """Ask for these members of the new app."""
    return office.deciding.client_editing.ask(office.asker, NEW, members, WHY, datetime.now(UTC))


def approve(office: StaffOffice, request: RequestId) -> None:
    """Let the second person agree."""
    office.deciding.approvals.approve(office.second, request, datetime.now(UTC))


def agreed(office: StaffOffice, **members: object) -> RequestId:
    """Both."""
    request = ask(office, **members)
    approve(office, request)
    return request


def state(office: StaffOffice, request: RequestId) -> RequestState:
    """Where a request is."""
    return office.deciding.approvals.view(office.asker, request).state


def test_an_entry_is_the_registration_whole(managers: StaffOffice) -> None:
    """What a page shows and changes loses nothing of any app that there is: read again, it is the same one."""
    with clients(managers).work() as tx:
        known = tx.registration_changes.known().clients.values()
    assert len({each.token_endpoint_auth_method for each in known}) > 3
    for each in known:
        assert RegistrationForm().client(entry_of(each)) == each


def test_a_rename_keeps_what_people_agreed_to(
    managers: StaffOffice,
    key: dict[str, object],
    vad_town: Town,
    new_person: Callable[[], Person],
    backroom: Backroom,
) -> None:
    """Rule 44: two people; the organisation stays, so consents do, and people see the new name at once.

    The log says which member is another, by whom and in which request.
    """
    registered(managers, key)
    rp, person = RelyingParty(vad_town.issuer, NEW, REDIRECT, key), new_person()
    wait_until(lambda: rp.refresh("nothing").json()["error"] == "invalid_grant")
    asked = rp.ask(resources=(SOURCE,), scope="openid 51")
    held = rp.redeem(asked, person.authorize(asked, SAMIRA, duration="until_stopped")).json()
    request = agreed(managers, name="App met een andere naam")
    wait_until(lambda: "App met een andere naam" in person.open(f"{vad_town.issuer}/mijn/toestemmingen").text)
    assert person.page.text.count("Nieuwe app") == 1
    assert "Deze app heette Nieuwe app toen u toestemming gaf." in person.page.text
    assert rp.refresh(held["refresh_token"]).status_code == 200
    again = rp.ask(resources=(SOURCE,), scope="openid 51", prompt="none")
    person.answer = None
    person.open(again.url)
    assert "code" in (person.answer or {})
    renewed, other = rp.ask(resources=(SOURCE,), scope="openid 51"), new_person()
    other.authorize(renewed, FROUKE, duration="until_stopped")
    assert "Nieuwe app" not in other.open(f"{vad_town.issuer}/mijn/toestemmingen").text, "they agreed to the new name"
    event = backroom.events("client.changed")[-1]
    assert (event["client_id"], event["reason"], event["staff"]) == (NEW, "members", str(managers.second.account))
    assert event["evidence"] == {
        "members": ["name"],
        "request": str(request),
        "asked_by": str(managers.asker.account),
    }


def test_what_is_changed_counts_on_the_wire(
    managers: StaffOffice, key: dict[str, object], vad_town: Town, new_person: Callable[[], Person]
) -> None:
    """RFC 9126 section 6: from then on a request that was not pushed is none; nothing else of the app is another."""
    registered(managers, key)
    before = entry_of(shown(managers).client)
    rp = RelyingParty(vad_town.issuer, NEW, REDIRECT, key)
    agreed(managers, require_pushed_authorization_requests=True, post_logout_redirect_uris=[f"{REDIRECT}/uit"])

    def refused() -> str:
        answer = visit(rp.ask())
        return answer_of(answer.headers["Location"]).get("error", "") if answer.is_redirect else ""

    wait_until(lambda: refused() == "invalid_request")
    pushed = rp._post("par", dict(rp.ask().parameters), {})  # noqa: SLF001 - what it does everywhere else
    assert pushed.status_code == 201
    after = entry_of(shown(managers).client)
    assert {name for name in before | after if before.get(name) != after.get(name)} == {
        "require_pushed_authorization_requests",
        "post_logout_redirect_uris",
    }
    agreed(managers, require_pushed_authorization_requests=None, post_logout_redirect_uris=None)
    assert entry_of(shown(managers).client) == before
    wait_until(lambda: not refused())
    assert tokens(rp, new_person(), (), "openid", SAMIRA)


def test_what_is_refused(managers: StaffOffice, key: dict[str, object]) -> None:
    """Who an app is for those who know it stays; the rest is checked as a file is, and says which member is wrong."""
    registered(managers, key)
    another_app: list[tuple[Members, str]] = [
        ({"name": "Nieuwe app"}, "nothing_changed"),
        ({"organisation": "Een ander B.V."}, "another_app"),
        ({"active": False}, "another_app"),
        ({"jwks": {"keys": [public(new_key("other", use="sig", alg="ES256"))]}}, "another_app"),
        ({"jwks": None, "jwks_uri": "https://rp.example/keys"}, "another_app"),
        ({"sector_identifier_uri": "https://sector.example/uris"}, "another_app"),
        ({"client_id": "rp-one"}, "another_app"),
    ]
    for members, why in another_app:
        with pytest.raises(OutdatedError, match=why):
            ask(managers, **members)
    faulty: list[tuple[Members, str]] = [
        ({"redirect_uris": ["http://rp.example/"]}, "redirect_uris"),
        ({"redirect_uris": None}, "redirect_uris"),
        ({"name": None}, "name"),
        ({"token_endpoint_auth_method": "tls_client_auth"}, "tls_client_auth needs exactly one of"),
        (
            {
                "token_endpoint_auth_method": "tls_client_auth",
                "tls_client_auth_subject_dn": "CN=a",
                "tls_client_auth_san_dns": "a.example",
            },
            "tls_client_auth needs exactly one of",
        ),
        ({"tls_client_auth_san_dns": "a.example"}, "private_key_jwt goes without tls_client_auth_san_dns"),
        ({"token_endpoint_auth_method": "self_signed_tls_client_auth"}, "self_signed_tls_client_auth needs"),
        ({"profile": "fapi2", "request_uris": ["https://rp.example/r"]}, "request_uris"),
        ({"userinfo_encrypted_response_alg": "RSA-OAEP-256"}, "userinfo_encrypted_response_alg"),
        (
            {"profile": "ministry", "id_token_signed_response_alg": None, "token_endpoint_auth_method": "none"},
            "keys|profile|admit",
        ),
    ]
    for members, field in faulty:
        with pytest.raises(RegistrationFaultError, match=field) as refused:
            ask(managers, **members)
        assert not str(refused.value).startswith("clients")
    editing = replace(managers.deciding.client_editing, profiles=(Profile.NLGOV,))
    with pytest.raises(RegistrationFaultError, match="profile") as refused:
        editing.ask(managers.asker, NEW, {"profile": "basic"}, WHY, datetime.now(UTC))
    assert [each.code for each in refused.value.faults] == [FaultKind.PROFILE_NOT_HERE]
    registering = replace(clients(managers), profiles=(Profile.BASIC,))
    with pytest.raises(RegistrationFaultError, match="profile: this installation has basic alone"):
        registering.ask_to_register(
            managers.asker, entry(client_id="rp-more"), json.dumps(public(key)), WHY, datetime.now(UTC)
        )


def test_what_became_another_meanwhile_is_not_approved(managers: StaffOffice, key: dict[str, object]) -> None:
    """Of the members that it is about; others may change beside it, and the whole is checked once more."""
    registered(managers, key)
    one, other, apart = ask(managers, name="Een"), ask(managers, name="Twee"), ask(managers, minimum_level="hoog")
    approve(managers, one)
    with pytest.raises(OutdatedError, match="changed_meanwhile"):
        approve(managers, other)
    assert state(managers, other) is RequestState.REFUSED
    approve(managers, apart)
    known = shown(managers).client
    assert (known.name, known.minimum_level.name) == ("Een", "HOOG")
    bound, refused = ask(managers, profile="fapi2"), ask(managers, request_uris=["https://rp.example/r"])
    approve(managers, bound)
    with pytest.raises(RegistrationFaultError, match="request_uris"):
        approve(managers, refused)
    assert not shown(managers).client.request_uris


@pytest.fixture
def document() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the address of what an app lists of its sector, and what is there."""
    app = Flask("sector")
    there: dict[str, Any] = {"listed": [REDIRECT], "status": 200}
    app.add_url_rule(
        "/uris", view_func=lambda: Response(json.dumps(there["listed"]), there["status"], mimetype="application/json")
    )
    with serve(app) as address:
        yield f"{address}/uris", there


def test_a_sector_is_proved_once_more_at_the_approval(
    managers: StaffOffice, key: dict[str, object], document: tuple[str, dict[str, Any]]
) -> None:
    """OIDC Core section 8.1: what the document said when it was asked for counts no more.

    One that is away decides nothing; one that lists other addresses ends the request.
    """
    address, there = document
    use, jwks = clients(managers), json.dumps(public(key))
    wanted, now = entry(sector_identifier_uri=address), datetime.now(UTC)
    there["listed"] = ["https://elsewhere.example/"]
    with pytest.raises(OutdatedError, match="sector_unproved"):
        use.ask_to_register(managers.asker, wanted, jwks, WHY, now)
    there["listed"] = [REDIRECT]
    lost, kept = (use.ask_to_register(managers.asker, wanted, jwks, WHY, now) for _ in range(2))
    there["status"] = 503
    with pytest.raises(NotReadError, match="sector_identifier_uri"):
        approve(managers, lost)
    assert state(managers, lost) is RequestState.REQUESTED
    there |= {"status": 200, "listed": ["https://elsewhere.example/"]}
    with pytest.raises(OutdatedError, match="sector_unproved"):
        approve(managers, lost)
    assert state(managers, lost) is RequestState.REFUSED
    there["listed"] = [REDIRECT]
    approve(managers, kept)
    assert shown(managers).client.sector_identifier_uri == address
    both = [REDIRECT, f"{REDIRECT}/more"]
    with pytest.raises(OutdatedError, match="sector_unproved"):
        ask(managers, redirect_uris=both)
    there["listed"] = both
    more = ask(managers, redirect_uris=both)
    there["listed"] = [REDIRECT]
    with pytest.raises(OutdatedError, match="sector_unproved"):
        approve(managers, more)
    assert shown(managers).client.redirect_uris == (REDIRECT,)
    there["status"] = 503
    agreed(managers, name="Wat niet over adressen gaat")
