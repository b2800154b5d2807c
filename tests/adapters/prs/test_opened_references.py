"""References that VAD opens with a key of its own: asked of the real mock PRS, for the one scope that has that key."""

import base64
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, Response
from joserfc import jwe
from joserfc.jwk import ECKey, KeyParameters, RSAKey

from tests.adapters.prs.test_prs_pseudonyms import BSN, NOBODY, OURS, THEIRS, connector, source
from tests.adapters.redis.volatile_stores import Server, fresh_keyring
from vad.adapters.jose.reference_keys import ReferenceKeys
from vad.adapters.prs.opened import OpenedReferences
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.replay import RedisReplayGuard
from vad.domain.errors import RegisterUnavailableError
from vad.sandbox import prs
from vad.sandbox.serving import serve

SCOPE = "ministry"
PUBLISHED = {
    "usage": "irp",
    "recipient_organization": f"oin:{THEIRS}",
    "recipient_scope": SCOPE,
    "personal_id": f"NL:bsn:{BSN.reveal()}",
}
"""What the published service encrypts for a reference, padded to 16 and behind 16 random bytes (ADR 0039)."""


@pytest.fixture(scope="module", params=["EC", "RSA"])
def key(request: pytest.FixtureRequest) -> ECKey | RSAKey:
    """Give VAD's key."""
    members: KeyParameters = {"kid": "ours", "use": "enc"}
    if request.param == "RSA":
        return RSAKey.generate_key(2048, members)
    return ECKey.generate_key("P-256", members)


@pytest.fixture(scope="module")
def service(key: ECKey | RSAKey) -> Iterator[str]:
    """Serve the mock PRS, where the source has two scopes: one for VAD's key, and one for its own."""
    own = ECKey.generate_key("P-256", {"kid": "theirs"})
    keys = {SCOPE: key.as_dict(private=False), "huisartsgegevens": own.as_dict(private=False)}
    organizations = (
        prs.Organization(OURS, "VAD", may_provide_personal_id=True),
        prs.Organization(THEIRS, "De Linde", keys),
    )
    config = prs.Config(base64.urlsafe_b64encode(bytes(32)).decode(), ("vad",), organizations)
    with serve(prs.create_app(config)) as url:
        yield url


@pytest.fixture
def guard(redis_server: Server) -> Iterator[RedisReplayGuard]:
    """Give what remembers references."""
    redis = RedisConnection.open(redis_server.url)
    yield RedisReplayGuard(redis, StoreKeys(fresh_keyring()))
    redis.close()


def opener(url: str, key: ECKey | RSAKey, guard: RedisReplayGuard, scope: str = SCOPE) -> OpenedReferences:
    """What asks there."""
    text = json.dumps(key.as_dict(private=True))
    return OpenedReferences(connector(url), ReferenceKeys(text), scope, guard)


def swapped(url: str, rid: str, scope: str = SCOPE, oin: str = THEIRS) -> requests.Response:
    """What an organisation gets for a reference."""
    body = {"rid": f"rid:{rid}", "recipientOrganization": f"oin:{THEIRS}", "recipientScope": scope}
    headers = {"x-gf-oin": oin, "x-gf-audience": "vad"}
    return requests.post(f"{url}/receive", json={**body, "pseudonymType": "irp"}, headers=headers, timeout=5)


def test_only_its_source_swaps_it_once(service: str, key: ECKey | RSAKey, guard: RedisReplayGuard) -> None:
    """64 characters; for the source alone, for that scope, once. Another one leads to the same pseudonym."""
    asking = opener(service, key, guard)
    first, second = (asking.plain_rid(BSN, source(), datetime.now(UTC)) for _ in range(2))
    assert len(first) == 64
    assert first != second
    for wrong in (swapped(service, first, oin=OURS), swapped(service, first, scope="huisartsgegevens")):
        assert wrong.status_code == 400
    pseudonyms = [swapped(service, rid).json()["pseudonym"] for rid in (first, second)]
    assert pseudonyms[0] == pseudonyms[1]
    assert pseudonyms[0].startswith("pseudonym:irreversible:")
    assert swapped(service, first).status_code == 400


def test_what_is_not_for_vad_stays_closed(service: str, key: ECKey | RSAKey, guard: RedisReplayGuard) -> None:
    """A scope with the source's own key, an unknown organisation, and a reference whose time is over."""
    now = datetime.now(UTC)
    with pytest.raises(RegisterUnavailableError, match="no key of VAD opens"):
        opener(service, key, guard, "huisartsgegevens").plain_rid(BSN, source(), now)
    with pytest.raises(RegisterUnavailableError):
        opener(service, key, guard).plain_rid(BSN, source(NOBODY), now)
    with pytest.raises(RegisterUnavailableError, match="over"):
        opener(service, key, guard).plain_rid(BSN, source(), now + timedelta(seconds=301))


def answering(claims: Mapping[str, Any], key: ECKey | RSAKey, algorithm: str) -> AbstractContextManager[str]:
    """A service that answers with these claims, sealed so."""
    app = Flask("odd")

    @app.post("/exchange/rid")
    def exchange() -> Response:
        header = {"alg": algorithm, "enc": "A256GCM", "kid": "ours"}
        sealed = jwe.encrypt_compact(header, json.dumps(claims), key, algorithms=[algorithm, "A256GCM"])
        return Response(sealed, 201, content_type="application/jwe")

    return serve(app)


@pytest.mark.parametrize("scope", [SCOPE, "s" * 100])
@pytest.mark.parametrize("algorithm", ["RSA-OAEP-256", "RSA-OAEP"])
def test_as_the_published_service_makes_them(guard: RedisReplayGuard, algorithm: str, scope: str) -> None:
    """As long as its own, and sealed to an RSA key as its versions do; the app gets it whole, to the last `=`."""
    length = 16 + 16 * (len(json.dumps({**PUBLISHED, "recipient_scope": scope})) // 16 + 1)
    rid = base64.urlsafe_b64encode(secrets.token_bytes(length)).decode()
    assert len(rid) == {SCOPE: 216}.get(scope, 344)
    now, key = datetime.now(UTC), RSAKey.generate_key(3072, {"kid": "ours", "use": "enc"})
    claims = {"subject": f"rid:{rid}", "aud": f"oin:{THEIRS}", "scope": scope, "exp": int(now.timestamp()) + 300}
    with answering(claims, key, algorithm) as url:
        assert opener(url, key, guard, scope).plain_rid(BSN, source(), now) == rid


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, None),
        ({"aud": f"oin:{OURS}"}, "somebody else"),
        ({"scope": "another"}, "somebody else"),
        ({"exp": None}, "over"),
        ({"exp": True}, "over"),
        ({"subject": "pseudonym:irreversible:x"}, "no reference"),
        ({"subject": "rid:"}, "no reference"),
        ({"subject": "rid:" + "x" * 513}, "no reference"),
        ({"subject": "rid:a\nb"}, "no reference"),
        ({"subject": None}, "no reference"),
    ],
)
def test_it_must_be_what_was_asked_for(
    key: ECKey | RSAKey, guard: RedisReplayGuard, changes: dict[str, Any], told: str | None
) -> None:
    """A service that answers with something else is a service that is away; and one reference leaves once."""
    now = datetime.now(UTC)
    claims = {"subject": "rid:abc", "aud": f"oin:{THEIRS}", "scope": SCOPE, "exp": int(now.timestamp()) + 60}
    algorithm = "RSA-OAEP-256" if isinstance(key, RSAKey) else "ECDH-ES"
    with answering(claims | changes, key, algorithm) as url:
        asking = opener(url, key, guard)
        if told is None:
            assert asking.plain_rid(BSN, source(), now) == "abc"
        with pytest.raises(RegisterUnavailableError, match=told or "gave before"):
            asking.plain_rid(BSN, source(), now)


def test_a_key_changes_while_sources_still_have_the_former(
    service: str, key: ECKey | RSAKey, guard: RedisReplayGuard
) -> None:
    """With several keys VAD opens what is sealed to any of them, in any order; without that one it opens nothing."""
    other, now = ECKey.generate_key("P-256", {"kid": "other", "use": "enc"}), datetime.now(UTC)
    former, following = key.as_dict(private=True), other.as_dict(private=True)
    for keys in ([former, following], [following, former]):
        several = ReferenceKeys(json.dumps({"keys": keys}))
        assert set(several.names) == {"ours", "other"}
        rid = OpenedReferences(connector(service), several, SCOPE, guard).plain_rid(BSN, source(), now)
        assert swapped(service, rid).status_code == 200
    with pytest.raises(RegisterUnavailableError, match="no key of VAD opens"):
        opener(service, other, guard).plain_rid(BSN, source(), now)


@pytest.mark.filterwarnings("ignore:JWE algorithm")
def test_a_key_opens_what_it_is_for() -> None:
    """One that names an algorithm opens that alone, and PKCS #1 v1.5 opens nothing."""
    key = RSAKey.generate_key(2048)
    known = key.as_dict(private=True)
    for algorithm, named, opens in (
        ("RSA-OAEP-256", {}, True),
        ("RSA-OAEP-256", {"alg": "RSA-OAEP-256"}, True),
        ("RSA-OAEP", {"alg": "RSA-OAEP-256"}, False),
        ("RSA1_5", {}, False),
    ):
        header, keys = {"alg": algorithm, "enc": "A256GCM"}, ReferenceKeys(json.dumps({**known, **named}))
        sealed = jwe.encrypt_compact(header, "{}", key, algorithms=[algorithm, "A256GCM"])
        if opens:
            assert keys.opened(sealed) == {}
        else:
            with pytest.raises(ValueError, match="none of these keys"):
                keys.opened(sealed)


def test_the_key_is_a_private_one_to_encrypt_to(tmp_path: Path) -> None:
    """Nothing else is taken from the file, and no text of it stands in the error."""
    good = ECKey.generate_key("P-256", {"use": "enc"}).as_dict(private=True)
    file = tmp_path / "key.json"
    file.write_text(json.dumps(good))
    assert ReferenceKeys.read(file)
    public = {name: value for name, value in good.items() if name != "d"}
    for wrong in (
        "",
        "[]",
        "{",
        '{"kty":"oct","k":"c2VjcmV0"}',
        json.dumps(public),
        json.dumps({**good, "use": "sig"}),
        json.dumps({**good, "alg": "RSA-OAEP"}),
        '{"keys":[]}',
        '{"keys":{}}',
        json.dumps({"keys": [good, public]}),
        json.dumps({"keys": [good] * 5}),
    ):
        file.write_text(wrong)
        with pytest.raises(ValueError, match=r".") as refused:
            ReferenceKeys.read(file)
        assert "secret" not in str(refused.value)
        assert str(good["d"]) not in str(refused.value)
