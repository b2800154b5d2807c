"""Clients of profile `ministry`, who speak as the ministry's own DVP proxy and its Laravel client do."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.support.person import Person
from tests.support.relying_party_client import ASSERTION_TYPE, Asked, new_key, s256

REDIRECT = "https://rp.example/oidc/callback"
PROXY, OPEN, POST = "dvp-proxy", "dvp-open", "dvp-post"
"""By `private_key_jwt`, by nothing, by a secret in the form."""
HANDS_ON, RID_SCOPE = "dvp-hands-on", "ministry"
"""By `private_key_jwt`, and its `rid` leads to the GP: the scope at the PRS."""
_MOMENTS = count()
SALT = "the salt of the former provider"
"""`OPEN` had people's accounts there."""
SECRET = "a secret of the ministry's client"


def key_of(keys: Mapping[str, object]) -> RSAKey:
    """The proxy's own key."""
    key = keys["RSA"]
    assert isinstance(key, RSAKey)
    return key


def registrations(key: RSAKey, folder: Path) -> str:
    """What a town registers of them; in `folder` stands VAD's key for their references."""
    by_key = f'token_endpoint_auth_method = "private_key_jwt"\njwks = {{ keys = [{_inline(key, use="sig")}] }}'
    file = folder / "ministry_rid.json"
    file.write_text(json.dumps(new_key("rid", use="enc", alg="ECDH-ES")))
    proofs = {
        PROXY: by_key,
        HANDS_ON: by_key,
        OPEN: 'token_endpoint_auth_method = "none"',
        POST: 'token_endpoint_auth_method = "client_secret_post"\n'
        f'client_secret_sha256 = ["{hashlib.sha256(SECRET.encode()).hexdigest()}"]\n'
        'userinfo_signed_response_alg = "RS256"\nuserinfo_encrypted_response_alg = "RSA-OAEP"\n'
        f'userinfo_encrypted_response_enc = "A128CBC-HS256"\njwks = {{ keys = [{_inline(key, use="enc")}] }}',
    }
    older = f'[ministry]\nauth_session = true\nlegacy_sub_clients = "{OPEN}=rp.example"\nlegacy_sub_salt = "{SALT}"\n'
    older += f'rid_clients = "{HANDS_ON}=${{gp}}"\nrid_scope = "{RID_SCOPE}"\nrid_key_file = "{file}"\n'
    older += f'[[resource_servers]]\nidentifier = "${{gp}}"\nadmitted = {{ {HANDS_ON} = ["49"] }}\n'
    return older + "\n".join(
        f'[[clients]]\nclient_id = "{name}"\nname = "Test {name}"\norganisation = "Ministerie"\n'
        f'profile = "ministry"\nredirect_uris = ["{REDIRECT}"]\n{proof}\n'
        for name, proof in proofs.items()
    )


def _inline(key: RSAKey, use: str) -> str:
    public = {**key.as_dict(private=False), "kid": key.thumbprint(), "use": use}
    return "{ " + ", ".join(f"{name} = {json.dumps(value)}" for name, value in public.items()) + " }"


@dataclass
class DvpProxy:
    """The relying party of `nl-mgo-dvp-proxy`, as far as VAD sees it: what it sends, and what it reads.

    It takes addresses from discovery, and of those of the token and userinfo endpoints the path alone.
    """

    base: str
    client_id: str = PROXY
    key: RSAKey | None = None
    redirect_uri: str = REDIRECT
    http: requests.Session = field(default_factory=requests.Session)

    def discovered(self) -> dict[str, Any]:
        """Read discovery; these members it requires, of these types."""
        found: dict[str, Any] = self.http.get(f"{self.base}/.well-known/openid-configuration", timeout=20).json()
        texts = ("issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint")
        lists = ("scopes", "response_types", "response_modes", "grant_types", "subject_types")
        assert all(isinstance(found[name], str) for name in texts)
        assert all(isinstance(found[f"{name}_supported"], list) for name in lists)
        assert isinstance(found["token_endpoint_auth_methods_supported"], list)
        assert isinstance(found["claims_parameter_supported"], bool)
        return found

    def ask(self, **changes: str | None) -> Asked:
        """Its authorization request. Its `state` is a long text of its own, encrypted."""
        verifier = secrets.token_urlsafe(96)[:128]
        parameters = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "state": base64.urlsafe_b64encode(secrets.token_bytes(2700)).decode(),
            "code_challenge": s256(verifier),
            "code_challenge_method": "S256",
            "nonce": secrets.token_hex(16),
            **changes,
        }
        pairs = [(name, value) for name, value in parameters.items() if value is not None]
        return Asked(pairs, verifier, f"{self.discovered()['authorization_endpoint']}?{urlencode(pairs)}")

    def assertion(self, **changes: Any) -> str:
        """Its client assertion: no `jti` and no `iat`, and `nbf` a while ago.

        Two that it signs in one second are one and the same; here each has a second of its own.
        """
        assert self.key is not None
        now = int(time.time())
        claims: dict[str, Any] = {
            "nbf": now - 10 - next(_MOMENTS) % 200,
            "exp": now + 60,
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.discovered()["token_endpoint"],
            **changes,
        }
        present = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": self.key.thumbprint()}, present, self.key)

    def proof(self) -> dict[str, str]:
        """What it sends to prove itself."""
        if self.key is None:
            return {}
        return {"client_assertion": self.assertion(), "client_assertion_type": ASSERTION_TYPE}

    def redeem(self, asked: Asked, code: str, proof: Mapping[str, str] | None = None) -> requests.Response:
        """Redeem a code, in the form that it sends."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": asked.code_verifier,
            "client_id": self.client_id,
            **(self.proof() if proof is None else proof),
        }
        path = urlsplit(self.discovered()["token_endpoint"]).path
        return self.http.post(f"{self.base}{path}", data=form, timeout=20)

    def log_in(self, person: Person, **more: str) -> dict[str, Any]:
        """The whole way of one person to the tokens."""
        asked = self.ask()
        code = person.authorize(asked, **more)
        response = self.redeem(asked, code, {"client_secret": SECRET} if self.client_id == POST else None)
        assert response.status_code == requests.codes.ok, response.text
        return dict(response.json())

    def userinfo(self, access_token: str) -> requests.Response:
        """Ask who logged in."""
        path = urlsplit(self.discovered()["userinfo_endpoint"]).path
        return self.http.get(f"{self.base}{path}", headers={"Authorization": f"Bearer {access_token}"}, timeout=20)
