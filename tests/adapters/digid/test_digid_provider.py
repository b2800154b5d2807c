"""DigiD's metadata and keys: whose they must be, how long they serve, and when they are read again."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask, jsonify, request
from joserfc.jwk import ECKey

from tests.adapters.digid.digid_visit import AT, BSN, OurSide, pending
from vad.adapters.http.caller import HttpCaller
from vad.adapters.oidc.provider import Provider
from vad.adapters.vault.keyring import Purpose
from vad.domain.assurance import LevelOfAssurance
from vad.domain.errors import LoginFailedError, RegisterUnavailableError
from vad.sandbox.digid.levels import HOOG
from vad.sandbox.digid.tokens import Login, TokenMaker
from vad.sandbox.ports import free_port
from vad.sandbox.serving import serve
from vad.services.ports.outside import Identity


def key() -> ECKey:
    """Make a signing key of its own name."""
    return ECKey.generate_key("P-256", {"kid": secrets.token_hex(4)})


@dataclass
class AnotherDigid:
    """A provider whose every answer a test can change; it logs everybody in."""

    url: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    jwks: Any = None
    signing: ECKey = field(default_factory=key)
    published: list[ECKey] = field(default_factory=list)
    recipient: Any = None
    nonce: str = ""
    token: Any = None
    asked: list[str] = field(default_factory=list)

    def app(self) -> Flask:
        """Serve it."""
        app = Flask("another_digid")
        app.before_request(lambda: self.asked.append(request.path))

        @app.get("/.well-known/openid-configuration")
        def metadata() -> Any:
            own = {name: f"{self.url}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
            return jsonify({"issuer": self.url} | own | self.metadata)

        @app.get("/jwks_uri")
        def jwks() -> Any:
            keys = self.published or [self.signing]
            return jsonify(self.jwks or {"keys": [each.as_dict(private=False) for each in keys]})

        @app.post("/token_endpoint")
        def token() -> Any:
            login = Login(BSN, HOOG, HOOG, int(AT.timestamp()), self.nonce, "", "")
            maker = TokenMaker(self.url, "vad", self.signing)
            sealed = maker.id_token(login, ECKey.import_key(self.recipient), int(AT.timestamp()))
            return jsonify(self.token or {"token_type": "Bearer", "id_token": sealed})

        return app


@pytest.fixture
def another() -> Iterator[AnotherDigid]:
    """Serve a provider."""
    provider = AnotherDigid()
    with serve(provider.app()) as url:
        provider.url = url
        yield provider


def read(provider: AnotherDigid) -> tuple[object, object]:
    """Read metadata and keys afresh."""
    return (fresh := Provider(provider.url, HttpCaller("digid"))).metadata.get(), fresh.keys.get()


def test_metadata_of_the_issuer_is_used(another: AnotherDigid) -> None:
    """Nothing is read before it is needed, and then once."""
    provider = Provider(another.url, HttpCaller("digid"))
    assert another.asked == []
    for _ in range(3):
        assert provider.metadata.get().token_endpoint == f"{another.url}/token_endpoint"
        assert provider.keys.get() == (another.signing.as_dict(private=False),)
    assert another.asked == ["/.well-known/openid-configuration", "/jwks_uri"]


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "http://localhost"},
        {"issuer": None},
        {"authorization_endpoint": "http://elsewhere.example/authorize"},
        {"authorization_endpoint": None},
        {"token_endpoint": "https://localhost:1/token"},
        {"token_endpoint": "http://localhost:notaport/token"},
        {"token_endpoint": "/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": ["http://localhost"]},
        {"response_types_supported": ["id_token"]},
        {"code_challenge_methods_supported": ["plain"]},
        {"token_endpoint_auth_methods_supported": "private_key_jwt"},
    ],
)
def test_metadata_that_leads_elsewhere_is_refused(another: AnotherDigid, metadata: dict[str, Any]) -> None:
    """Another issuer's, other origins, or a provider that lacks what we need: no login starts with it."""
    another.metadata = metadata
    with pytest.raises(RegisterUnavailableError):
        read(another)


def test_addresses_with_a_user_are_refused(another: AnotherDigid) -> None:
    """What looks like the issuer's host may be a name in front of another."""
    another.metadata = {"token_endpoint": another.url.replace("://", "://localhost@") + "/token"}
    with pytest.raises(RegisterUnavailableError):
        read(another)


@pytest.mark.parametrize(
    "jwks", [{"keys": []}, {"keys": {}}, [1], {"keys": [1]}, {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}]
)
def test_a_key_set_without_public_keys_is_refused(another: AnotherDigid, jwks: object) -> None:
    """A shared secret is no key to verify with."""
    another.jwks = jwks
    with pytest.raises(RegisterUnavailableError):
        read(another)


def log_in(ours: OurSide, provider: AnotherDigid) -> Callable[[], str]:
    """Give a function that logs a person in with one connector."""
    connector = ours.connector(provider.url)
    provider.recipient = ours.keys.active(Purpose.DIGID_ENCRYPTION).public_jwk

    def complete() -> str:
        login = pending(LevelOfAssurance.HOOG)
        provider.nonce = login.nonce
        identity = connector.complete(login, {"state": login.state, "code": "code"}, AT)
        assert isinstance(identity, Identity)
        return identity.bsn.reveal()

    return complete


def test_a_new_key_is_found_by_its_name(another: AnotherDigid) -> None:
    """After a rotation the keys are read once more, and the login succeeds."""
    complete = log_in(OurSide(), another)
    assert complete() == BSN
    another.signing = key()
    assert complete() == BSN
    assert another.asked.count("/jwks_uri") == 2


def test_unknown_keys_cause_one_reading_a_minute(another: AnotherDigid) -> None:
    """Made-up key names can't be used to flood DigiD."""
    complete = log_in(OurSide(), another)
    assert complete() == BSN
    another.published = [another.signing]
    another.signing = key()
    for _ in range(4):
        with pytest.raises(LoginFailedError, match="unknown_key"):
            complete()
    assert another.asked.count("/jwks_uri") == 2


@pytest.mark.parametrize(
    "token",
    [[1], {"token_type": "Bearer"}, {"token_type": "DPoP", "id_token": "a.b.c.d.e"}, {"id_token": "a.b.c.d.e"}]
    + [{"token_type": "Bearer", "id_token": wrong} for wrong in (1, "", "a.b.c.d.e", "a.b.c", "x" * 20_000)],
)
def test_an_answer_without_an_id_token_is_refused(another: AnotherDigid, token: object) -> None:
    """Anything but a Bearer answer with an ID token for us is a failed login."""
    another.token = token
    with pytest.raises(LoginFailedError):
        log_in(OurSide(), another)()


def test_endpoints_are_read_again_when_they_fail(another: AnotherDigid) -> None:
    """The token endpoint has moved: one login fails, the next one finds it."""
    complete = log_in(OurSide(), another)
    another.metadata = {"token_endpoint": f"{another.url}/former"}
    with pytest.raises(RegisterUnavailableError):
        complete()
    another.metadata.clear()
    assert complete() == BSN


def test_nothing_is_remembered_of_a_failure(another: AnotherDigid) -> None:
    """A provider that was away is asked again; not at once, but soon."""
    now = 0.0
    away = Provider(f"http://localhost:{free_port()}", HttpCaller("digid"), lambda: now)
    with pytest.raises(RegisterUnavailableError):
        away.metadata.get()
    away.issuer = another.url
    with pytest.raises(RegisterUnavailableError, match="a moment ago"):
        away.metadata.get()
    assert another.asked == []
    now = 2.0
    assert away.metadata.get().jwks_uri == f"{another.url}/jwks_uri"
