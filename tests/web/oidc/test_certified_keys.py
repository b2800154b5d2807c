"""`/jwks` shows who vouches for a key (RFC 7517 sections 4.7 and 4.9, NL GOV OIDC)."""

import base64
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
import requests
from cryptography import x509

from tests.support.database import ask
from tests.support.person import FROUKE, Person
from tests.support.relying_party_client import RelyingParty, header_of
from tests.support.signing_certificates import Hierarchy, pem
from tests.support.town import Town
from tests.web.oidc.inside import Inside
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.key_certificates import PostgresKeyCertificates
from vad.adapters.vault.certification import Certification
from vad.adapters.vault.keyring import Purpose
from vad.adapters.x509.signing_chain import SigningChain
from vad.bootstrap.foundation import master_key

KNOWN = Hierarchy.made()


@pytest.fixture
def certified(vad_town: Town, inside: Inside) -> Iterator[str]:
    """Give the id of a key that just got its certificate, while VAD ran; it loses it again."""
    key = inside.keyring.active(Purpose.SIGNING, "ES256")
    chain = SigningChain.from_pem(pem(KNOWN.provider.certify(key.private.public_key()), *KNOWN.above).encode())
    assert vad_town.settings.database.migrate_url is not None
    with closing(Database(vad_town.settings.database.migrate_url.get_secret_value())) as owner:
        store = PostgresKeyCertificates(owner, master_key(vad_town.settings))
        demanded = Certification(authorities=(KNOWN.root.certificate,))
        store.certify(key.key_id, chain, demanded, datetime.now(UTC))
    yield key.key_id
    ask(vad_town.database.migrate_url, "UPDATE keys SET certificates = '{}', certified_at = NULL")
    ask(vad_town.database.migrate_url, "UPDATE configuration_version SET version = version + 1")


def published(town: Town, holds: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """The keys at `/jwks`, asked for until one is as it has to be: VAD looks each second."""
    deadline = time.monotonic() + 20
    while True:
        keys: list[dict[str, Any]] = requests.get(f"{town.issuer}/jwks", timeout=20).json()["keys"]
        if any(map(holds, keys)):
            return keys
        assert time.monotonic() < deadline, "it is not published"


def test_a_key_is_published_with_its_certificates(vad_town: Town, certified: str) -> None:
    """Base64 of each, and not base64url; the first is of the key itself, and the root is the last."""
    keys = published(vad_town, lambda key: "x5c" in key)
    (key,) = (each for each in keys if "x5c" in each)
    assert key["kid"] == certified
    chain = [base64.b64decode(each, validate=True) for each in key["x5c"]]
    first, *_, last = map(x509.load_der_x509_certificate, chain)
    assert first.public_key() == jwt.PyJWK(key).key
    assert last == KNOWN.root.certificate
    assert key["x5t#S256"] == base64.urlsafe_b64encode(hashlib.sha256(chain[0]).digest()).rstrip(b"=").decode()


def test_the_set_has_another_tag(vad_town: Town, certified: str) -> None:
    """Whoever kept it and asks by its tag hears of the certificate, and then no more."""
    published(vad_town, lambda key: key["kid"] == certified and "x5c" in key)
    tag = requests.get(f"{vad_town.issuer}/jwks", timeout=20).headers["ETag"]
    again = requests.get(f"{vad_town.issuer}/jwks", headers={"If-None-Match": tag}, timeout=20)
    assert again.status_code == 304


def test_a_token_says_no_more_than_before(vad_town: Town, certified: str, rp: RelyingParty, person: Person) -> None:
    """Its header has `kid`, by which the key is found: neither profile asks for certificates in each token."""
    published(vad_town, lambda key: key["kid"] == certified and "x5c" in key)
    asked = rp.ask(scope="openid")
    token = rp.redeem(asked, person.authorize(asked, FROUKE)).json()["id_token"]
    assert header_of(token) == {"alg": "ES256", "typ": "JWT", "kid": certified}
