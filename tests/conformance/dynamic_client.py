"""The suite as somebody who registers clients, for Dynamic OP: each with RSA keys and `private_key_jwt`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import requests
from joserfc.jwk import RSAKey

from tests.support.listener import Listener
from tests.support.person import Person
from tests.support.relying_party_client import Asked, RelyingParty
from tests.support.town import Town
from tests.support.town_fixtures import REDIRECT
from tests.web.oidc.registering import Issue, call

LEAST: dict[str, Any] = {"code_challenge": None, "code_challenge_method": None}
PRIVATE = {"d", "p", "q", "dp", "dq", "qi"}


def rsa(kid: str = "") -> dict[str, Any]:
    """A private key of a client, with a name or without."""
    key = RSAKey.generate_key(2048).as_dict(private=True)
    return {**key, "use": "sig", "alg": "RS256", **({"kid": kid} if kid else {})}


def keys(*private: dict[str, Any]) -> dict[str, Any]:
    """The public halves, as a JWK Set."""
    return {"keys": [{name: value for name, value in key.items() if name not in PRIVATE} for key in private]}


@dataclass
class Suite:
    """Its keys are made once: to make one takes as long as a module."""

    town: Town
    issued: Issue
    address: str
    """Where it publishes."""
    there: dict[str, tuple[str, str]]
    """What: by path, a content type and a text."""
    key: dict[str, Any] = field(default_factory=rsa)
    other: dict[str, Any] = field(default_factory=lambda: rsa("second"))

    def registers(self, **changes: Any) -> requests.Response:
        """Say what the suite always says of a client; `changes` replace members, None leaves one out."""
        said = {
            "client_name": "suite",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "jwks": keys(self.key),
            "token_endpoint_auth_method": "private_key_jwt",
            "redirect_uris": [REDIRECT],
            "contacts": ["certification@oidf.org"],
            **changes,
        }
        present = {name: value for name, value in said.items() if value is not None}
        return call(self.town, "POST", self.issued(profile="basic"), present)

    def client(self, **changes: Any) -> tuple[RelyingParty, dict[str, Any]]:
        """One that is registered, and what was answered."""
        answer = self.registers(**changes)
        assert (answer.status_code, answer.headers["Content-Type"]) == (201, "application/json"), answer.text
        made = dict(answer.json())
        return RelyingParty(self.town.issuer, made["client_id"], made["redirect_uris"][0], self.key), made


def tokens(rp: RelyingParty, person: Person, asked: Asked | None = None) -> dict[str, Any]:
    """The whole way."""
    asked = asked or rp.ask(**LEAST)
    got = rp.redeem(asked, person.authorize(asked), code_verifier=None)
    assert got.status_code == 200, got.text
    return dict(got.json())


@contextmanager
def published() -> Iterator[tuple[str, dict[str, tuple[str, str]]]]:
    """Serve what is in it, inside the block; with the address."""
    there: dict[str, tuple[str, str]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content_type, text = there.get(self.path, ("", ""))
            self.send_response(200 if content_type else 404)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with Listener(Handler) as listener:
        yield listener.address, there
