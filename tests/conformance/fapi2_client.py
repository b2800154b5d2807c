"""An app of profile `fapi2`, as the plans for FAPI 2.0 play it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import requests

from tests.support.key_holder import Holder
from tests.support.person import Person
from tests.support.relying_party_client import ASSERTION_TYPE, Asked, RelyingParty, sign

TYPE = "oauth-authz-req+jwt"
WHOLE = "openid mandates"
"""All that the set-up for these plans has an app ask for."""


@dataclass(frozen=True)
class Fapi2Client:
    """Two keys: one proves the app, the other binds its tokens."""

    holder: Holder
    signs: bool = False
    """Whether it signs each of its requests as a whole (Message Signing)."""

    @property
    def rp(self) -> RelyingParty:
        """The first of them."""
        return self.holder.rp

    def push(self, asked: Asked, beside: Mapping[str, str] | None = None, **proof: Any) -> requests.Response:
        """Push a request; `proof` changes the claims of the DPoP proof, or (`assertion`) those of the assertion."""
        return self.holder.post("/par", {**self.form(asked), **(beside or {})}, **proof)

    def form(self, asked: Asked) -> dict[str, str | None]:
        """What it pushes: the parameters, or one with all of them in it and no other (RFC 9126 section 3)."""
        return {"request": self.signed(asked), "client_id": None} if self.signs else {**dict(asked.parameters)}

    def push_unproved(self, asked: Asked, **changes: str | None) -> requests.Response:
        """Push without a DPoP proof. `changes` replace fields; None leaves one out."""
        form = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.rp.assertion(), **self.form(asked)}
        sent = {name: value for name, value in {**form, **changes}.items() if value is not None}
        return self.rp.http.post(f"{self.rp.issuer}/par", sent, timeout=20)

    def push_signed(self, asked: Asked, header: Mapping[str, Any] | None = None, **claims: Any) -> requests.Response:
        """The same, signed as a whole; None leaves a claim out."""
        return self.holder.post("/par", {"request": self.signed(asked, header, **claims), "client_id": None})

    def signed(self, asked: Asked, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
        """The request object."""
        now = int(time.time())
        claims = {**dict(asked.parameters), "iss": self.rp.client_id, "aud": self.rp.issuer, "nbf": now}
        claims |= {"exp": now + 300, **changes}
        present = {name: value for name, value in claims.items() if value is not None}
        return sign(present, self.rp.key, {"typ": TYPE, **(header or {})})

    def coming(self, asked: Asked, pushed: requests.Response, **beside: str) -> Asked:
        """What the browser brings."""
        assert pushed.status_code == 201, pushed.text
        pairs = [("client_id", self.rp.client_id), ("request_uri", pushed.json()["request_uri"]), *beside.items()]
        return Asked(pairs, asked.code_verifier, f"{self.rp.issuer}/authorize?{urlencode(pairs)}")

    def code(self, person: Person, asked: Asked, pushed: requests.Response | None = None, **beside: str) -> str:
        """What the person brings back; they agree until they say otherwise."""
        brought = self.coming(asked, self.push(asked) if pushed is None else pushed, **beside)
        return person.authorize(brought, duration="until_stopped")

    def tokens(self, person: Person, asked: Asked | None = None, pushed: requests.Response | None = None) -> Any:
        """The whole way."""
        asked = self.rp.ask() if asked is None else asked
        got = self.holder.redeem(asked, self.code(person, asked, pushed))
        assert got.status_code == 200, got.text
        return got.json()
