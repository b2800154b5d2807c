"""Every app of a session hears that it ended (OIDC Back-Channel Logout 1.0), once, later if it must be."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, KeySet

from tests.support.backroom import Backroom
from tests.support.logout_receiver import LogoutReceiver
from tests.support.person import FROUKE, PIETER, Person, tokens
from tests.support.relying_party_client import RelyingParty, claims_of, header_of
from tests.support.town import Town
from vad.bootstrap.upkeep import create_upkeep
from vad.services.ports.outbox import Backlog
from vad.services.upkeep import Upkeep

pytestmark = pytest.mark.slow

SOURCE = "https://source.example"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture(scope="module")
def worker(the_town: Town) -> Upkeep:
    """Give what `vad worker` runs."""
    return create_upkeep(the_town.settings)[0]


@pytest.fixture(autouse=True)
def _nothing_waits(backroom: Backroom, logout_receiver: LogoutReceiver) -> Iterator[None]:
    backroom.ask("DELETE FROM outbox")
    logout_receiver.reset()
    yield
    backroom.ask("DELETE FROM outbox")
    logout_receiver.reset()


def deliver(worker: Upkeep, after: timedelta = timedelta()) -> int:
    """One round of the worker, some time from now; returns how many messages it took."""
    delivery = worker.deliver(datetime.now(UTC) + after)
    assert delivery.defects == ()
    return delivery.taken


def opened(town: Town, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a logout token, checked with VAD's published keys."""
    keys = KeySet.import_key_set(requests.get(f"{town.issuer}/jwks", timeout=20).json())
    read = jwt.decode(token, keys, algorithms=["ES256", "RS256"])
    return dict(read.header), dict(read.claims)


def log_out(person: Person) -> None:
    """Log out of VAD by its own button."""
    person.open(f"{person.town.issuer}/mijn/activiteit")
    person.press("logout")


def test_every_app_of_the_session_is_told(  # noqa: PLR0913, PLR0917 - three apps and two people
    vad_town: Town,
    rp: RelyingParty,
    other_rp: RelyingParty,
    rs256_rp: RelyingParty,
    new_person: Callable[[], Person],
    worker: Upkeep,
    logout_receiver: LogoutReceiver,
) -> None:
    """Each by a token of its own, in its own words for person and session, signed as it is registered (section 2.4)."""
    person, other = new_person(), new_person()
    tokens(rp, other, (SOURCE,), "openid 51", PIETER)
    own = {each.client_id: tokens(each, person, (SOURCE,), "openid 51") for each in (rp, other_rp, rs256_rp)}
    log_out(person)
    assert logout_receiver.told == {}
    assert deliver(worker) == 3
    assert deliver(worker) == 0
    assert set(logout_receiver.told) == set(own)
    seen = set()
    for client_id, (form,) in logout_receiver.told.items():
        assert set(form) == {"logout_token"}
        header, claims = opened(vad_town, form["logout_token"])
        assert (header["typ"], header["alg"]) == ("logout+jwt", "RS256" if client_id == "rp-rs256" else "ES256")
        id_token = claims_of(own[client_id]["id_token"])
        assert {name: claims[name] for name in ("iss", "aud", "sub", "sid")} == {
            "iss": vad_town.issuer,
            "aud": client_id,
            "sub": id_token["sub"],
            "sid": id_token["sid"],
        }
        assert claims["events"] == {EVENT: {}}
        assert "nonce" not in claims
        assert 0 < claims["exp"] - claims["iat"] <= 120
        assert abs(claims["iat"] - datetime.now(UTC).timestamp()) < 60
        seen |= {claims["jti"], claims["sub"], claims["sid"]}
    assert len(seen) == 9


@pytest.mark.parametrize("way", ["by the app", "replaced", "failed login"])
def test_whatever_ends_a_session_tells_its_apps(
    rp: RelyingParty, person: Person, worker: Upkeep, logout_receiver: LogoutReceiver, way: str
) -> None:
    """There is one place where a session ends, and that is where the apps are told."""
    own = tokens(rp, person, (SOURCE,), "openid 51")
    if way == "by the app":
        person.send("GET", f"/logout?{urlencode({'id_token_hint': own['id_token']})}")
    else:
        person.open(rp.ask(resources=(SOURCE,), scope="openid 51", prompt="login").url)
        if way == "replaced":
            person.log_in(PIETER)
        else:
            person.log_in(FROUKE, outcome="too_low")
    assert deliver(worker) == 1
    ((form,),) = logout_receiver.told.values()
    assert claims_of(form["logout_token"])["sid"] == claims_of(own["id_token"])["sid"]


def test_an_app_that_lost_its_grant_is_told(
    rp: RelyingParty, person: Person, worker: Upkeep, logout_receiver: LogoutReceiver
) -> None:
    """Its tokens were taken back, and it still has a session of its own."""
    asked = rp.ask(resources=(SOURCE,), scope="openid 51")
    code = person.authorize(asked)
    assert rp.redeem(asked, code).status_code == 200
    assert rp.redeem(asked, code).json()["error"] == "invalid_grant"
    deliver(worker)
    log_out(person)
    assert deliver(worker) == 1
    assert len(logout_receiver.told["rp-one"]) == 1


def test_logging_in_again_tells_nobody(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """The same person keeps the session (rule 36); and who got no token has nothing to end."""
    tokens(rp, person, (SOURCE,), "openid 51")
    again = rp.ask(resources=(SOURCE,), scope="openid 51", prompt="login")
    person.authorize(again)
    assert backroom.ask("SELECT count(*) FROM outbox") == [(0,)]


@pytest.mark.parametrize("status", [500, 503, 404, 302, 429])
def test_it_is_tried_again(
    rp: RelyingParty, person: Person, worker: Upkeep, logout_receiver: LogoutReceiver, status: int
) -> None:
    """An app that does not take it gets it later, in a token made anew; a redirect is not followed (section 2.5)."""
    tokens(rp, person, (SOURCE,), "openid 51")
    log_out(person)
    logout_receiver.statuses["rp-one"] = status
    assert deliver(worker) == 1
    assert deliver(worker) == 0
    assert worker.backlog() == (Backlog("backchannel-logout", waiting=1, given_up=0),)
    logout_receiver.statuses["rp-one"] = 204
    assert deliver(worker, timedelta(seconds=10)) == 1
    first, second = (claims_of(form["logout_token"]) for form in logout_receiver.told["rp-one"])
    assert first["jti"] != second["jti"]
    assert second["iat"] > first["iat"]
    assert worker.backlog() == ()


def encrypting(backroom: Backroom, keys: list[Any], alg: str) -> None:
    """Change to what the ID tokens of `rp-two` are encrypted, and by what."""
    statement = "UPDATE clients SET jwks = %s, id_token_encrypted_response_alg = %s, "
    statement += "id_token_encrypted_response_enc = %s WHERE client_id = 'rp-two'"
    backroom.ask(statement, json.dumps(keys), alg, alg and "A256GCM")
    backroom.ask("UPDATE configuration_version SET version = version + 1")


def test_an_app_with_encrypted_id_tokens_is_told_in_the_same_way(
    the_town: Town, other_rp: RelyingParty, person: Person, backroom: Backroom, logout_receiver: LogoutReceiver
) -> None:
    """It should refuse one in clear (section 2.6). While its key is away, nothing leaves in clear instead."""
    key = ECKey.generate_key("P-256", {"kid": "two-enc", "use": "enc"})
    [(before,)] = backroom.ask("SELECT jwks FROM clients WHERE client_id = 'rp-two'")
    try:
        encrypting(backroom, [*before, key.as_dict(private=False)], "ECDH-ES")
        own = tokens(other_rp, person, (SOURCE,), "openid 51")
        log_out(person)
        encrypting(backroom, before, "ECDH-ES")
        assert deliver(create_upkeep(the_town.settings)[0]) == 1
        assert logout_receiver.told == {}
        encrypting(backroom, [*before, key.as_dict(private=False)], "ECDH-ES")
        assert deliver(create_upkeep(the_town.settings)[0], timedelta(seconds=10)) == 1
    finally:
        encrypting(backroom, before, "")
    ((form,),) = logout_receiver.told.values()
    envelope = header_of(form["logout_token"])
    assert {name: envelope[name] for name in ("alg", "enc", "kid", "cty")} == {
        "alg": "ECDH-ES",
        "enc": "A256GCM",
        "kid": "two-enc",
        "cty": "JWT",
    }
    header, claims = opened(the_town, inside(form["logout_token"], key))
    assert header["typ"] == "logout+jwt"
    assert claims["sid"] == claims_of(inside(own["id_token"], key))["sid"]


def inside(token: str, key: ECKey) -> str:
    """The signed token in an encrypted one."""
    return (jwe.decrypt_compact(token, key, algorithms=["ECDH-ES", "A256GCM"]).plaintext or b"").decode()


def test_an_address_inside_is_never_called(
    the_town: Town, rp: RelyingParty, person: Person, logout_receiver: LogoutReceiver
) -> None:
    """An app chooses where it hears: outside a sandbox that is a place on the internet, over TLS, or nowhere."""
    tokens(rp, person, (SOURCE,), "openid 51")
    log_out(person)
    known = the_town.settings
    closed = known.model_copy(update={"outgoing": known.outgoing.model_copy(update={"loopback": False})})
    upkeep = create_upkeep(closed)[0]
    assert deliver(upkeep) == 1
    assert logout_receiver.told == {}
    assert upkeep.backlog() == (Backlog("backchannel-logout", waiting=1, given_up=0),)


def test_a_refusal_is_final(rp: RelyingParty, person: Person, worker: Upkeep, logout_receiver: LogoutReceiver) -> None:
    """400 says that the app will not do it (section 2.8): it is kept for an operator, and not tried again."""
    tokens(rp, person, (SOURCE,), "openid 51")
    log_out(person)
    logout_receiver.statuses["rp-one"] = 400
    assert deliver(worker) == 1
    assert worker.backlog() == (Backlog("backchannel-logout", waiting=0, given_up=1),)
    assert deliver(worker, timedelta(days=1)) == 0


def test_an_app_that_is_gone_has_nothing_to_hear(
    rp: RelyingParty, person: Person, worker: Upkeep, backroom: Backroom
) -> None:
    """A message for an app that is not registered any more is done with."""
    tokens(rp, person, (SOURCE,), "openid 51")
    log_out(person)
    backroom.ask('UPDATE outbox SET payload = payload || \'{"client_id": "gone"}\'')
    assert deliver(worker) == 1
    assert worker.backlog() == ()


def test_what_waits_tells_little(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """The outbox names the person and the session as that app knows them, and no other way."""
    own = tokens(rp, person, (SOURCE,), "openid 51")
    log_out(person)
    claims = claims_of(own["id_token"])
    assert backroom.ask("SELECT kind, payload FROM outbox") == [
        ("backchannel-logout", {"client_id": "rp-one", "sub": claims["sub"], "sid": claims["sid"]})
    ]
