"""Certificates that an app publishes with its keys, and proves itself with (RFC 8705 section 2.2)."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.adapters.jose.assertions_under_test import published
from tests.adapters.jose.tokens_under_test import p256, registered_client
from tests.support.certificate_holder import der, thumbprint
from vad.adapters.jose.fitting_keys import FittingKeys
from vad.adapters.jose.published_certificates import PublishedCertificates
from vad.domain.certificate import CertificateName, ClientCertificate, NameKind
from vad.domain.client import MOST_KEYS, Client
from vad.domain.errors import RegisterUnavailableError
from vad.domain.profile import ClientAuthentication
from vad.sandbox.serving import serve
from vad.sandbox.tls.authority import Authority
from vad.services.ports.registering import NotReadError, RegistrationFaultError

SELF_SIGNED = ClientAuthentication.SELF_SIGNED_TLS_CLIENT_AUTH
KEY = p256()[1]


@dataclass
class App:
    """An app that publishes its certificates, and the VAD that believes them, with a clock of the test's."""

    files: dict[str, Path]
    keys: Any = field(default_factory=list)
    now: float = 0.0
    asked: int = 0
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.known = published(lambda: self.now)
        self.proofs = PublishedCertificates(self.known)

    def publishes(self, *names: str) -> None:
        """From now on these, each with a key."""
        self.keys = [{**KEY, "kid": name, "x5c": [b64encode(der(self.files[name])).decode()]} for name in names]

    def believed(self, name: str) -> bool:
        """Whether this certificate proves that it is the app."""
        # An authority vouches for all of them, and for the same names: that is no proof here.
        names = (CertificateName(NameKind.SAN_DNS, "app.localhost"),)
        return self.proofs.verify(self.client, ClientCertificate(thumbprint(self.files[name]), names, vouched=True))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Give certificates, all of the same name."""
    folder = tmp_path_factory.mktemp("certificates")
    authority = Authority.kept(folder, "clients", of_localhost=False)
    made = {}
    for name in ("first", "second", "attacker"):
        (folder / name).mkdir()
        made[name] = authority.client(folder / name, "app").certificate
    return made


@pytest.fixture
def app(files: dict[str, Path]) -> Iterator[App]:
    """Give the app."""
    app, wsgi = App(files), Flask("app")

    @wsgi.get("/keys")
    def keys() -> Any:
        app.asked += 1
        return {"keys": app.keys} if isinstance(app.keys, list) else app.keys

    with serve(wsgi) as address:
        app.client = replace(registered_client(), token_endpoint_auth_method=SELF_SIGNED, jwks_uri=f"{address}/keys")
        yield app


def test_a_changed_certificate_is_known_at_once_and_an_attackers_never(app: App) -> None:
    """What nobody here knows has the keys read again, but once a minute: an attacker makes VAD ask no oftener."""
    app.publishes("first")
    assert app.believed("first")
    assert app.believed("first")
    assert app.asked == 1
    app.publishes("second")
    assert app.believed("second"), "a new one is looked up when it comes"
    assert not app.believed("first"), "what is not there any more is none"
    before = app.asked
    for _ in range(5):
        assert not app.believed("attacker")
    assert app.asked - before <= 1
    app.now += 61
    app.publishes("second", "first")
    assert not app.believed("attacker")
    assert app.believed("first")
    assert app.believed("second")


@pytest.mark.parametrize(
    "keys",
    [
        [KEY],
        [{**KEY, "x5c": []}],
        [{**KEY, "x5c": "attacker"}],
        [{**KEY, "x5c": ["not base64!"]}],
        [{**KEY, "x5c": [7]}],
        [{**KEY, "x5t#S256": "attacker"}],
    ],
)
def test_what_comes_without_a_certificate_proves_nothing(app: App, keys: list[Any]) -> None:
    """A hash beside a key is none: it is the certificate itself that counts. At registration that is told."""
    app.keys = keys
    assert not app.believed("first")
    with pytest.raises(RegistrationFaultError, match="x5c"):
        FittingKeys(app.known).check(app.client)


def test_what_can_not_be_had_proves_nobody(app: App) -> None:
    """And is told as that, so that whoever comes tries again; an app of another method is asked for nothing."""
    unusable: list[Any] = [("", 503), {"keys": []}, {"keys": [KEY] * (MOST_KEYS + 1)}]
    for app.keys in unusable:
        app.now += 3600
        with pytest.raises(RegisterUnavailableError):
            app.believed("first")
        with pytest.raises(NotReadError):
            FittingKeys(app.known).check(app.client)
    app.publishes("first")
    app.now += 3600
    assert app.believed("first")
    app.keys = "", 503
    with pytest.raises(RegisterUnavailableError):
        app.believed("second")
    app.now += 3600
    app.client = replace(app.client, token_endpoint_auth_method=ClientAuthentication.TLS_CLIENT_AUTH)
    before = app.asked
    assert not app.believed("first"), "it has no name registered"
    FittingKeys(app.known).check(app.client)
    assert app.asked == before
