"""Requests that an app encrypted to VAD, or that lie at an address of its own (RFC 9101 sections 5.2 and 6.1)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from flask import Flask, Response, redirect
from joserfc import jwe
from joserfc.jwk import ECKey, KeySet, RSAKey

from tests.support.backroom import Backroom
from tests.support.person import Person
from tests.support.relying_party_client import Asked, RelyingParty, answer_of, new_key
from tests.web.oidc.inside import visit
from tests.web.oidc.test_request_object import carrying, error_of, request_object
from vad.sandbox.serving import serve
from vad.web.support.services import EXTENSION

MEDIA = "application/oauth-authz-req+jwt"


def to_vad(rp: RelyingParty, alg: str = "ECDH-ES") -> ECKey | RSAKey:
    """The key that requests are encrypted to."""
    keys = requests.get(f"{rp.issuer}/jwks", timeout=20).json()
    [found] = [key for key in KeySet.import_key_set(keys).keys if (key.get("use"), key.get("alg")) == ("enc", alg)]
    assert isinstance(found, ECKey | RSAKey)
    return found


def encrypted(token: str, key: ECKey | RSAKey, alg: str = "ECDH-ES", **header: Any) -> str:
    """A JWE around it."""
    said = {"alg": alg, "enc": "A256GCM", "kid": key.get("kid") or key.thumbprint(), "cty": "JWT", **header}
    sealed: str = jwe.encrypt_compact(said, token.encode(), key, algorithms=[alg, said["enc"], "DEF"])
    return sealed


@pytest.mark.parametrize("alg", ["ECDH-ES", "RSA-OAEP-256"])
@pytest.mark.parametrize("enc", ["A256GCM", "A128CBC-HS256"])
def test_an_encrypted_request_leads_to_a_code(rp: RelyingParty, person: Person, alg: str, enc: str) -> None:
    """Signed, then encrypted: what was asked stands in no address and no log of a browser."""
    asked = rp.ask()
    brought = carrying(rp, encrypted(request_object(rp, asked), to_vad(rp, alg), alg, enc=enc), asked)
    assert rp.redeem(brought, person.authorize(brought)).status_code == 200


@pytest.fixture
def by_rsa(backroom: Backroom) -> Iterator[None]:
    """Have the app registered for one way of encrypting, until the test is over."""
    for said in (("RSA-OAEP-256", "A256GCM"), ("", "")):
        statement = "UPDATE clients SET request_object_encryption_alg = %s, request_object_encryption_enc = %s"
        backroom.ask(f"{statement} WHERE client_id = 'rp-one'", *said)
        backroom.ask("UPDATE configuration_version SET version = version + 1")
        backroom.town.app.extensions[EXTENSION].registrations.check()
        if said[0]:
            yield


@pytest.mark.usefixtures("by_rsa")
def test_who_said_how_encrypts_in_no_other_way(rp: RelyingParty) -> None:
    """OIDC Dynamic Client Registration section 2, `request_object_encryption_alg`."""
    asked = rp.ask()
    signed = request_object(rp, asked)
    brought = carrying(rp, encrypted(signed, to_vad(rp, "RSA-OAEP-256"), "RSA-OAEP-256"), asked)
    assert "error" not in visit(brought).headers["Location"]
    for alg, enc in (("RSA-OAEP-256", "A128CBC-HS256"), ("ECDH-ES", "A256GCM")):
        assert error_of(rp, encrypted(signed, to_vad(rp, alg), alg, enc=enc)) == "invalid_request_object"


def test_encryption_is_no_signature(rp: RelyingParty, other_rp: RelyingParty) -> None:
    """Anybody can encrypt to VAD: inside must be what the app signed. Not to VAD's key, or packed: refused."""
    asked, key = rp.ask(), to_vad(rp)
    signed = request_object(rp, asked)
    forged = request_object(RelyingParty(rp.issuer, rp.client_id, rp.redirect_uri, other_rp.key), asked)
    stranger = ECKey.import_key(new_key("stranger", use="enc"))
    bad = {
        "in clear inside": encrypted(json.dumps(dict(asked.parameters)), key),
        "none": encrypted("eyJhbGciOiJub25lIn0." + signed.split(".")[1] + ".", key),
        "another's signature": encrypted(forged, key),
        "another's key": encrypted(signed, stranger),
        "another's key by our name": encrypted(signed, stranger, kid=key.thumbprint()),
        "packed": encrypted(signed, key, zip="DEF"),
        "another kind": encrypted(signed, key, cty="json"),
        "another algorithm": encrypted(signed, key, "ECDH-ES+A256KW"),
        "twice": encrypted(encrypted(signed, key), key),
        "cut off": encrypted(signed, key)[:-4] + "AAAA",
        "empty": "....",
    }
    assert {name: error_of(rp, token) for name, token in bad.items()} == dict.fromkeys(bad, "invalid_request_object")


@dataclass
class Publisher:
    """An app that has its request lie somewhere."""

    address: str
    token: str = ""
    media: str = MEDIA
    asked: int = 0


@pytest.fixture
def publisher(rp: RelyingParty, backroom: Backroom) -> Iterator[Publisher]:
    """Give it, its addresses registered until the test is over."""
    there, app = Publisher(""), Flask("app")

    @app.get("/request")
    def request() -> Response:
        there.asked += 1
        return Response(there.token, mimetype=there.media)

    app.add_url_rule("/elsewhere", view_func=lambda: redirect("/request"))
    with serve(app) as there.address:
        register(backroom, [f"{there.address}/{each}" for each in ("request", "request#hash", "elsewhere", "gone")])
        yield there
    register(backroom, [])


def register(backroom: Backroom, addresses: list[str]) -> None:
    """Where requests of it may lie."""
    backroom.ask("UPDATE clients SET request_uris = %s WHERE client_id = 'rp-one'", json.dumps(addresses))
    backroom.ask("UPDATE configuration_version SET version = version + 1")
    # Otherwise it is known within a second: nothing that is asked here brings word of it.
    backroom.town.app.extensions[EXTENSION].registrations.check()


def naming(rp: RelyingParty, address: str, asked: Asked) -> Asked:
    """The request that a browser brings."""
    beside = {"client_id": rp.client_id, "redirect_uri": rp.redirect_uri, "state": "outside"}
    pairs = [*beside.items(), ("request_uri", address)]
    return Asked(pairs, asked.code_verifier, f"{rp.issuer}/authorize?{urlencode(pairs)}")


def test_a_request_at_its_address(rp: RelyingParty, person: Person, publisher: Publisher) -> None:
    """What is there counts, and nothing beside it; signed, or signed and encrypted; read anew each time."""
    for number in (1, 2):
        asked = rp.ask()
        signed = request_object(rp, asked)
        publisher.token = signed if number == 1 else encrypted(signed, to_vad(rp))
        named = naming(rp, f"{publisher.address}/request#hash", asked)
        assert rp.redeem(named, person.authorize(named)).status_code == 200
        assert (person.answer or {})["state"] == dict(asked.parameters)["state"]
        assert publisher.asked == number


def test_no_other_address_is_read(rp: RelyingParty, publisher: Publisher) -> None:
    """Section 10.4: letter by letter as registered, so that nobody has VAD call somewhere; no redirect is followed."""
    asked = rp.ask()
    publisher.token = request_object(rp, asked)
    base = publisher.address
    for address in (
        f"{base}/request?x=1",
        f"{base}/request#other",
        f"{base}/Request",
        f"{base}/request/../request",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        f"{base}/elsewhere",
        f"{base}/gone",
    ):
        answer = answer_of(visit(naming(rp, address, asked)).headers["Location"])
        assert (answer["error"], answer["state"]) == ("invalid_request_uri", "outside"), address
    assert publisher.asked == 0


def test_what_is_there_must_be_a_request(rp: RelyingParty, publisher: Publisher) -> None:
    """By its type and size, and by everything that holds for one that the browser brings."""
    asked = rp.ask()
    good = request_object(rp, asked)
    for token, media, error in (
        (json.dumps(dict(asked.parameters)), MEDIA, "invalid_request_object"),
        (request_object(rp, asked, exp=1), MEDIA, "invalid_request_object"),
        (request_object(rp, asked, request_uri=f"{publisher.address}/request"), MEDIA, "invalid_request_object"),
        ("\xff", MEDIA, "invalid_request_uri"),
        (good, "text/html", "invalid_request_uri"),
        (good + " " * 20_000, MEDIA, "invalid_request_uri"),
    ):
        publisher.token, publisher.media = token, media
        answer = answer_of(visit(naming(rp, f"{publisher.address}/request", asked)).headers["Location"])
        assert answer["error"] == error, (media, token[:20])


def test_it_can_not_be_pushed(rp: RelyingParty, publisher: Publisher) -> None:
    """RFC 9126 section 2.1: and nothing is read for it."""
    form = {"client_id": rp.client_id, "request_uri": f"{publisher.address}/request"}
    refused = rp._post("par", form, {})  # noqa: SLF001 - the same proof
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    assert publisher.asked == 0
