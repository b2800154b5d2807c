"""VAD's side of DigiD for tests: its keys, its published key set, and a person who goes to DigiD and comes back."""

import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from flask import Flask

from vad.adapters.digid.oidc import OidcIdentityProvider
from vad.adapters.http.caller import HttpCaller, Limits
from vad.adapters.jose.keyset import digid_key_set
from vad.adapters.oidc.relying_party import Registration
from vad.adapters.vault.generation import create_pair
from vad.adapters.vault.keyring import KeyRing, KeyState, Purpose
from vad.adapters.vault.master_key import MasterKey
from vad.adapters.vault.randomness import SystemRandomness
from vad.domain.assurance import LevelOfAssurance
from vad.services.ports.volatile import PendingLogin

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
BSN = "999991772"
CALLBACK = "http://localhost:8100/digid/callback"
QUICK = Limits(connect=0.5, total=0.4)


def digid_keys() -> KeyRing:
    """Make the key pairs that VAD needs as a client of DigiD."""
    master = MasterKey(secrets.token_bytes(32))
    purposes = ((Purpose.DIGID_SIGNING, "ES256"), (Purpose.DIGID_ENCRYPTION, "ECDH-ES"))
    return KeyRing(master, [create_pair(master, *purpose, KeyState.ACTIVE, AT) for purpose in purposes])


def pending(minimum: LevelOfAssurance = LevelOfAssurance.SUBSTANTIEEL) -> PendingLogin:
    """Begin a visit."""
    token = secrets.token_urlsafe
    return PendingLogin(token(32), token(32), token(32), b"browser", minimum, AT, None)


@dataclass
class OurSide:
    """VAD as DigiD's client."""

    keys: KeyRing = field(default_factory=digid_keys)
    issuer: str = ""

    def app(self) -> Flask:
        """Serve the key set that DigiD fetches."""
        app = Flask("vad_keys")

        @app.get("/digid/jwks")
        def jwks() -> dict[str, Any]:
            return dict(digid_key_set(self.keys))

        return app

    def connector(self, issuer: str | None = None, limits: Limits | None = None) -> OidcIdentityProvider:
        """Give a connector that knows nothing yet."""
        return OidcIdentityProvider(
            Registration(issuer or self.issuer, "vad", CALLBACK),
            self.keys,
            HttpCaller("digid", limits=limits),
            SystemRandomness(),
        )

    def fault(self, mode: str, *endpoints: str) -> None:
        """Make DigiD misbehave, or `ok` again."""
        body = {"mode": mode, "endpoints": list(endpoints)}
        requests.post(f"{self.issuer}/control/faults", json=body, timeout=5).raise_for_status()


def visit(address: str, **form: str) -> dict[str, str]:
    """Go to DigiD as a browser does and log in, or whatever `form` says; gives what the browser brings back."""
    with requests.Session() as browser:
        page = browser.get(address, timeout=5)
        assert page.status_code == 200
        found = re.search(r"transactie=([\w-]+)", page.url)
        assert found is not None
        fields = {"transactie": found[1], "taal": "nl", "person": BSN, "level": "substantieel", "outcome": "ok"} | form
        target = f"{page.url.partition('?')[0]}"
        back = browser.post(target, data=fields, allow_redirects=False, timeout=5)
        assert back.status_code == 303
    location = back.headers["Location"]
    assert location.startswith(f"{CALLBACK}?")
    return dict(parse_qsl(urlsplit(location).query))
