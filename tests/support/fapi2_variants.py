"""An app of profile `fapi2` in each variant of its plan: proved by a key or a certificate, and bound to either."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import requests

from tests.support.key_holder import Holder
from tests.support.person import Person
from tests.support.relying_party_client import ASSERTION_TYPE, Asked, RelyingParty, sign


@dataclass(frozen=True)
class Places:
    """Where its endpoints are for whoever shows a certificate, or shows none."""

    par: str
    token: str
    resource: str
    """What its access token opens."""
    named: str = ""
    """The origin that these have in proofs, where that is another one."""

    def in_proof(self, address: str) -> str:
        """`htu` for one of them."""
        return address if not self.named else f"{self.named}/{address.rpartition('/')[2]}"


@dataclass
class VariantClient:
    """The parameters of the plan: `client_auth_type=private_key_jwt` is `by_key`, `sender_constrain=dpop` is `dpop`.

    `rp.http` shows its certificate, if it has one.
    """

    rp: RelyingParty
    places: Places
    by_key: bool
    dpop: bool
    signs: bool = False
    """Whether it signs its requests as a whole."""
    opens: requests.Session | None = None
    """The connection for what a token opens, where it is another one."""
    holder: Holder = field(init=False)

    def __post_init__(self) -> None:
        self.holder = Holder(self.rp)

    def post(
        self,
        address: str,
        form: Mapping[str, Any],
        *,
        proof: bool = True,
        claims: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> requests.Response:
        """Post a form, proved and bound as this variant has it. `changes` to the form; None leaves a field out.

        Without `proof` nothing binds: no proof of a key is sent, where one is. `claims` are changes to it.
        """
        answer = self._once(address, form, changes, claims if proof else None, proof=proof)
        if answer.status_code == requests.codes.bad and answer.json()["error"] == "use_dpop_nonce" and proof:
            self.holder.nonce = answer.headers["DPoP-Nonce"]
            return self._once(address, form, changes, claims, proof=proof)
        return answer

    def push(self, asked: Asked, **changes: Any) -> requests.Response:
        """Push a request."""
        if self.signs:
            now = int(time.time())
            claims = {**dict(asked.parameters), "iss": self.rp.client_id, "aud": self.rp.issuer, "nbf": now}
            signed = sign({**claims, "exp": now + 300}, self.rp.key, {"typ": "oauth-authz-req+jwt"})
            return self.post(self.places.par, {"request": signed}, **changes)
        return self.post(self.places.par, dict(asked.parameters), **changes)

    def coming(self, asked: Asked, pushed: requests.Response) -> Asked:
        """What the browser brings."""
        assert pushed.status_code == requests.codes.created, pushed.text
        pairs = [("client_id", self.rp.client_id), ("request_uri", pushed.json()["request_uri"])]
        return Asked(pairs, asked.code_verifier, f"{self.rp.issuer}/authorize?{urlencode(pairs)}")

    def redeem(self, asked: Asked, code: str, **changes: Any) -> requests.Response:
        """Redeem a code."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.rp.redirect_uri}
        return self.post(self.places.token, {**form, "code_verifier": asked.code_verifier}, **changes)

    def refresh(self, refresh_token: str, **changes: Any) -> requests.Response:
        """Refresh."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.post(self.places.token, form, **changes)

    def use(
        self,
        token: str,
        *,
        scheme: str | None = None,
        claims: Mapping[str, Any] | None = None,
        sent: Mapping[str, str] | None = None,
        in_query: bool = False,
    ) -> requests.Response:
        """Open what the token opens, with these headers; `claims` are changes to the proof.

        `in_query`: the token is in the address alone.
        """
        address = self.places.resource
        headers = {} if in_query else {"Authorization": f"{scheme or ('DPoP' if self.dpop else 'Bearer')} {token}"}
        if self.dpop:
            headers["DPoP"] = self.holder.proof("GET", "", token, htu=address, **(claims or {}))
        query = {"access_token": token} if in_query else None
        http = self.opens or self.rp.http
        return http.get(address, params=query, headers={**headers, **(sent or {})}, timeout=30)

    @property
    def without_what_binds(self) -> tuple[int, str]:
        """How the token endpoint refuses it where it does not show what binds its tokens."""
        if self.dpop:
            return 400, "invalid_request"
        return (400, "invalid_grant") if self.by_key else (401, "invalid_client")

    def unbound(self) -> "VariantClient":
        """The same, over a connection without its certificate, where that is what binds."""
        return self if self.dpop else replace(self, rp=replace(self.rp, http=requests.Session()))

    def code(self, person: Person, asked: Asked | None = None) -> tuple[Asked, str]:
        """What a person brings back, who agrees until they say otherwise; and what was asked."""
        asked = self.rp.ask() if asked is None else asked
        return asked, person.authorize(self.coming(asked, self.push(asked)), duration="until_stopped")

    def tokens(self, person: Person, asked: Asked | None = None) -> Any:
        """The whole way."""
        got = self.redeem(*self.code(person, asked))
        assert got.status_code == requests.codes.ok, got.text
        return got.json()

    def _once(
        self,
        address: str,
        form: Mapping[str, Any],
        changes: Mapping[str, Any],
        claims: Mapping[str, Any] | None,
        *,
        proof: bool,
    ) -> requests.Response:
        sent: dict[str, Any] = {"client_id": self.rp.client_id, **form}
        if self.by_key:
            sent |= {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.rp.assertion()}
        present = {name: value for name, value in {**sent, **changes}.items() if value is not None}
        headers = {}
        if self.dpop and proof:
            headers["DPoP"] = self.holder.proof("POST", "", htu=self.places.in_proof(address), **(claims or {}))
        return self.rp.http.post(address, present, headers=headers, timeout=30)
