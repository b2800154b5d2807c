"""`/jwks` shows who vouches for a key (RFC 7517 sections 4.7 and 4.9, NL GOV OIDC)."""

import base64
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import requests
from cryptography import x509

from tests.support.database import ask
from tests.support.person import FROUKE, Person
from tests.support.relying_party_client import RelyingParty, header_of
from tests.support.signing_certificates import YEAR, Hierarchy, pem
from tests.support.town import Town
from tests.web.oidc.inside import Inside
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.key_certificates import PostgresKeyCertificates
from vad.adapters.vault.certification import Certification
from vad.adapters.vault.keyring import Purpose
from vad.adapters.x509.signing_chain import SigningChain
from vad.bootstrap.foundation import master_key

KNOWN = Hierarchy.made()
DAY = timedelta(days=1)


@pytest.fixture
def certified(vad_town: Town, inside: Inside) -> Iterator[str]:
    """Give the id of a key that just got its certificate, while VAD ran; it loses it again."""
    yield from certificate(vad_town, inside, datetime.now(UTC), YEAR)


@pytest.fixture
def ended(vad_town: Town, inside: Inside) -> Iterator[str]:
    """Give the id of a key that got its certificate ten days ago, which ended nine days later."""
    yield from certificate(vad_town, inside, datetime.now(UTC) - 10 * DAY, 9 * DAY)


def certificate(vad_town: Town, inside: Inside, at: datetime, lasts: timedelta) -> Iterator[str]:
    """Let a key get a certificate at a time, which lasts so long from then; it loses it again."""
    key = inside.keyring.active(Purpose.SIGNING, "ES256")
    leaf = KNOWN.provider.certify(key.private.public_key(), begins=at, lasts=lasts)
    chain = SigningChain.from_pem(pem(leaf, *KNOWN.above).encode())
    assert vad_town.settings.database.migrate_url is not None
    with closing(Database(vad_town.settings.database.migrate_url.get_secret_value())) as owner:
        store = PostgresKeyCertificates(owner, master_key(vad_town.settings))
        store.certify(key.key_id, chain, Certification(authorities=(KNOWN.root.certificate,)), at)
    shown = base64.b64encode(chain.der[0]).decode()
    published(vad_town, lambda each: shown in each.get("x5c", ()))
    yield key.key_id
    ask(vad_town.database.migrate_url, "UPDATE keys SET certificates = '{}', certified_at = NULL")
    ask(vad_town.database.migrate_url, "UPDATE configuration_version SET version = version + 1")


def published(town: Town, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The one key at `/jwks` that is as it has to be, asked for until it is: VAD looks after some seconds."""
    deadline = time.monotonic() + 20
    while True:
        found = list(filter(holds, requests.get(f"{town.issuer}/jwks", timeout=20).json()["keys"]))
        if found:
            (key,) = found
            return dict(key)
        assert time.monotonic() < deadline, "it is not published"


def test_a_key_is_published_with_its_certificates(vad_town: Town, certified: str) -> None:
    """Base64 of each, and not base64url; the first is of the key itself, and the root is the last."""
    key = published(vad_town, lambda key: "x5c" in key)
    assert key["kid"] == certified
    chain = [base64.b64decode(each, validate=True) for each in key["x5c"]]
    first, *_, last = map(x509.load_der_x509_certificate, chain)
    assert first.public_key() == jwt.PyJWK(key).key
    assert last == KNOWN.root.certificate
    assert key["x5t#S256"] == base64.urlsafe_b64encode(hashlib.sha256(chain[0]).digest()).rstrip(b"=").decode()


def test_a_chain_that_ended_stays(vad_town: Town, ended: str, rp: RelyingParty, person: Person) -> None:
    """ADR 0042: whoever looks at it refuses it by himself; the others are not cut off, so VAD goes on signing."""
    key = published(vad_town, lambda key: "x5c" in key)
    assert key["kid"] == ended
    first = x509.load_der_x509_certificate(base64.b64decode(key["x5c"][0]))
    assert first.not_valid_after_utc < datetime.now(UTC)
    asked = rp.ask(scope="openid")
    token = rp.redeem(asked, person.authorize(asked, FROUKE)).json()["id_token"]
    assert header_of(token)["kid"] == ended


def test_the_set_has_another_tag(vad_town: Town, certified: str) -> None:
    """Whoever kept it and asks by its tag hears of the certificate, and then no more."""
    tag = requests.get(f"{vad_town.issuer}/jwks", timeout=20).headers["ETag"]
    again = requests.get(f"{vad_town.issuer}/jwks", headers={"If-None-Match": tag}, timeout=20)
    assert again.status_code == 304


def test_a_token_says_no_more_than_before(vad_town: Town, certified: str, rp: RelyingParty, person: Person) -> None:
    """Its header has `kid`, by which the key is found: neither profile asks for certificates in each token."""
    asked = rp.ask(scope="openid")
    token = rp.redeem(asked, person.authorize(asked, FROUKE)).json()["id_token"]
    assert header_of(token) == {"alg": "ES256", "typ": "JWT", "kid": certified}
