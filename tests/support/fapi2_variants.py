"""An app of profile `fapi2` in each variant of its plan: proved by a key or a certificate, and bound to either."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests

from tests.support.key_holder import Holder
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
    holder: Holder = field(init=False)

    def __post_init__(self) -> None:
        self.holder = Holder(self.rp)

    def post(self, address: str, form: Mapping[str, Any], *, proof: bool = True, **changes: Any) -> requests.Response:
        """Post a form, proved and bound as this variant has it. `changes` to the form; None leaves a field out.

        Without `proof` nothing binds: no proof of a key is sent, where one is.
        """
        answer = self._once(address, form, changes, proof=proof)
        if answer.status_code == requests.codes.bad and answer.json()["error"] == "use_dpop_nonce" and proof:
            self.holder.nonce = answer.headers["DPoP-Nonce"]
            return self._once(address, form, changes, proof=proof)
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

    def use(self, token: str, *, scheme: str | None = None, http: requests.Session | None = None) -> requests.Response:
        """Open what the token opens; `http` is another connection than its own."""
        address = self.places.resource
        headers = {"Authorization": f"{scheme or ('DPoP' if self.dpop else 'Bearer')} {token}"}
        if self.dpop:
            headers["DPoP"] = self.holder.proof("GET", "", token, htu=address)
        return (http or self.rp.http).get(address, headers=headers, timeout=30)

    def _once(
        self, address: str, form: Mapping[str, Any], changes: Mapping[str, Any], *, proof: bool
    ) -> requests.Response:
        sent: dict[str, Any] = {"client_id": self.rp.client_id, **form}
        if self.by_key:
            sent |= {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.rp.assertion()}
        present = {name: value for name, value in {**sent, **changes}.items() if value is not None}
        headers = {}
        if self.dpop and proof:
            headers["DPoP"] = self.holder.proof("POST", "", htu=self.places.in_proof(address))
        return self.rp.http.post(address, present, headers=headers, timeout=30)
