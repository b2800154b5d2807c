"""Userinfo as clients of profile `ministry` read it: JSON for the proxy, a JWT in a JWE for the Laravel client."""

import hashlib
import json
import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
import requests
from joserfc import jwe, jwt
from joserfc.jwk import KeySet, RSAKey

from tests.support.ministry import OPEN, POST, PROXY, SALT, DvpProxy
from tests.support.person import FROUKE, Person
from tests.support.relying_party_client import RelyingParty, claims_of, header_of
from tests.support.town import Town
from vad.adapters.configuration.ministry_section import Ministry
from vad.adapters.jose.pairwise import PyopSubjects
from vad.domain.client import Client
from vad.domain.identifiers import Bsn, ClientId
from vad.domain.profile import Profile

LEGACY = ("RSA-OAEP", "A128CBC-HS256")


@pytest.fixture
def proxy(vad_town: Town, ministry_key: RSAKey) -> DvpProxy:
    """Give the DVP proxy."""
    return DvpProxy(vad_town.issuer, PROXY, ministry_key)


def test_as_the_proxy_reads_it(proxy: DvpProxy, person: Person) -> None:
    """Plain JSON without spaces, the reference at the top and of 64 characters, another each time, naming nobody."""
    tokens = proxy.log_in(person)
    first, second = (proxy.userinfo(tokens["access_token"]) for _ in range(2))
    assert first.status_code == 200
    assert first.headers["Content-Type"] == "application/json"
    assert first.headers["Authentication-Method"] == "digid"
    assert first.headers["Cache-Control"] == "no-store"
    body = first.json()
    assert '"full_name":"Frouke Jansen"' in first.text
    assert body.keys() == {"rid", "person", "sub"}
    assert body["sub"] == claims_of(tokens["id_token"])["sub"]
    assert body["person"]["name"] == {
        "first_name": "Frouke",
        "prefix": "",
        "last_name": "Jansen",
        "initials": "F.",
        "full_name": "Frouke Jansen",
    }
    assert 16 <= body["person"]["age"] < 130
    assert re.fullmatch("[0-9a-f]{64}", body["rid"])
    assert body["rid"] != second.json()["rid"]
    posted = requests.post(f"{proxy.base}/userinfo", data={"access_token": tokens["access_token"]}, timeout=20)
    assert posted.json()["person"] == body["person"]
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    posted = requests.post(f"{proxy.base}/userinfo", headers=bearer, timeout=20)
    assert posted.json()["person"] == body["person"]


def test_as_the_laravel_client_reads_it(vad_town: Town, ministry_key: RSAKey, person: Person) -> None:
    """A JWE by the only two algorithms that it has, with a signed JWT inside, from VAD and for this client alone."""
    client = DvpProxy(vad_town.issuer, POST)
    tokens = client.log_in(person)
    answer = client.userinfo(tokens["access_token"])
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/jwt")
    assert answer.headers["Authentication-Method"] == "digid"
    header = header_of(answer.text)
    assert (header["alg"], header["enc"], header["cty"], header["kid"]) == (*LEGACY, "JWT", ministry_key.thumbprint())
    opened = jwe.decrypt_compact(answer.text, ministry_key, algorithms=list(LEGACY)).plaintext or b""
    keys = KeySet.import_key_set(requests.get(f"{vad_town.issuer}/jwks", timeout=20).json())
    inside = jwt.decode(opened.decode(), keys, algorithms=["RS256"])
    assert inside.header["alg"] == "RS256"
    claims = inside.claims
    assert (claims["iss"], claims["aud"]) == (vad_town.issuer, POST)
    assert claims["sub"] == claims_of(tokens["id_token"])["sub"]
    assert claims["exp"] - claims["iat"] <= 300
    assert claims["person"]["name"]["full_name"] == "Frouke Jansen"
    assert len(claims["rid"]) == 64


def test_other_clients_have_their_own_shape(rp: RelyingParty, person: Person) -> None:
    """In the same installation: no reference, no parts, nothing that says how the person logged in."""
    asked = rp.ask()
    answer = rp.userinfo(rp.redeem(asked, person.authorize(asked)).json()["access_token"])
    assert answer.json().keys() == {"sub", "sub_id_type", "person"}
    assert answer.json()["person"].keys() == {"name", "age"}
    assert "Authentication-Method" not in answer.headers


def test_people_keep_their_accounts(vad_town: Town, proxy: DvpProxy, person: Person) -> None:
    """`sub` as the former provider (pyop) made it, in ID token and userinfo, for the app that an operator named alone.

    sha256hex(host of the redirect URI, with its port + sha256hex(BSN) + salt).
    """
    older = DvpProxy(vad_town.issuer, OPEN)
    tokens = older.log_in(person)
    expected = _hash("rp.example" + _hash(FROUKE) + SALT)
    assert claims_of(tokens["id_token"])["sub"] == expected
    body = older.userinfo(tokens["access_token"]).json()
    assert body["sub"] == expected
    assert FROUKE not in json.dumps(body)
    assert claims_of(proxy.log_in(person)["id_token"])["sub"] != expected


def test_a_port_belongs_to_the_host() -> None:
    """Pyop hashes it where the redirect URI names one, as that of a known client does; without it nobody is known."""
    address = "http://localhost:9000/oidc/login"
    app = Client(ClientId("a"), "A", "A", (address,), (), "a", Profile.MINISTRY)
    settings = Ministry(legacy_sub_clients=f"a={urlsplit(address).netloc}")
    assert settings.legacy_clients == {"a": "localhost:9000"}
    known = PyopSubjects(settings.legacy_clients, SALT).subject(app, Bsn(FROUKE))
    assert known == _hash("localhost:9000" + _hash(FROUKE) + SALT)
    assert known != PyopSubjects({"a": "localhost"}, SALT).subject(app, Bsn(FROUKE))


def test_an_older_subject_goes_by_the_host_of_the_setting() -> None:
    """Wherever a list sends people later, they are who they were, and nobody is whom another app knew.

    Without a salt anybody could try all numbers: then nothing starts.

    An app of another profile has none, though somebody named it.
    """
    one = Client(ClientId("a"), "A", "A", ("https://a.example/x", "https://a.example/y"), (), "a", Profile.MINISTRY)
    two = replace(one, redirect_uris=("https://a.example/x", "https://b.example/y"))
    known = PyopSubjects({"a": "a.example"}, "salt")
    moved = replace(one, redirect_uris=("https://b.example/y",))
    for client in (one, two, moved):
        assert known.subject(client, Bsn(FROUKE)) == _hash("a.example" + _hash(FROUKE) + "salt")
    assert PyopSubjects({}, "").subject(one, Bsn(FROUKE)) is None
    assert known.subject(replace(one, profile=Profile.NLGOV), Bsn(FROUKE)) is None
    with pytest.raises(ValueError, match="salt"):
        PyopSubjects({"a": "a.example"}, "")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
