"""The tokens of staff, signed, with roles; and, on request, the nonsense that must be refused."""

import base64
import json
import secrets
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey

from vad.sandbox.staff_idp.config import Config
from vad.sandbox.staff_idp.staff import StaffPerson

ID_TOKEN_SECONDS = 300
PROGRAM_TOKEN_SECONDS = 3600
ONE_FACTOR = "urn:example:one-factor"
"""What `acr` says of a login with a password alone."""
NONSENSE = (
    "wrong_nonce",
    "wrong_audience",
    "wrong_issuer",
    "expired",
    "remembered",
    "no_auth_time",
    "one_factor",
    "no_acr",
    "foreign_key",
    "unsigned",
    "roles_as_text",
    "no_subject",
)


@dataclass(frozen=True)
class Login:
    """A login that succeeded, bound to the request that it is for."""

    subject: str
    roles: tuple[str, ...]
    acr: str
    auth_time: int
    nonce: str
    redirect_uri: str
    code_challenge: str


def id_token(config: Config, login: Login, now: int, nonsense: str = "ok") -> str:
    """Return the ID token for `login`, made wrong in the way that `nonsense` names, if any."""
    claims = _claims(config, login, now) | _wrong(config, login, now).get(nonsense, {})
    claims = {name: value for name, value in claims.items() if value is not None}
    key = config.private_key()
    if nonsense == "unsigned":
        return f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{_encoded(claims)}."
    signer = ECKey.generate_key("P-256") if nonsense == "foreign_key" else key
    header = {"alg": "ES256", "kid": key.kid, "typ": "JWT"}
    return jws.serialize_compact(header, json.dumps(claims), signer, algorithms=["ES256"])


def program_token(config: Config, person: StaffPerson, resource: str, now: int) -> str:
    """Return an access token (RFC 9068) with which a program of this person asks `resource`."""
    claims = {
        "iss": config.issuer,
        "aud": resource,
        "sub": person.subject,
        "client_id": "demo-program",
        "acr": config.acr,
        "roles": list(person.roles),
        "auth_time": now,
        "iat": now,
        "exp": now + PROGRAM_TOKEN_SECONDS,
        "jti": secrets.token_urlsafe(16),
    }
    key = config.private_key()
    header = {"alg": "ES256", "kid": key.kid, "typ": "at+jwt"}
    return jws.serialize_compact(header, json.dumps(claims), key, algorithms=["ES256"])


def _claims(config: Config, login: Login, now: int) -> dict[str, Any]:
    return {
        "iss": config.issuer,
        "aud": config.client_id,
        "sub": login.subject,
        "acr": login.acr,
        "roles": list(login.roles),
        "nonce": login.nonce,
        "auth_time": login.auth_time,
        "iat": now,
        "exp": now + ID_TOKEN_SECONDS,
        "jti": secrets.token_urlsafe(16),
    }


def _wrong(config: Config, login: Login, now: int) -> dict[str, dict[str, Any]]:
    """By name, the claims that differ; None: left out."""
    return {
        "wrong_nonce": {"nonce": secrets.token_urlsafe(16)},
        "wrong_audience": {"aud": [config.client_id, "another"]},
        "wrong_issuer": {"iss": f"{config.issuer}/elsewhere"},
        "expired": {"iat": now - 2 * ID_TOKEN_SECONDS, "exp": now - ID_TOKEN_SECONDS},
        "remembered": {"auth_time": login.auth_time - 3600},
        "no_auth_time": {"auth_time": None},
        "one_factor": {"acr": ONE_FACTOR},
        "no_acr": {"acr": None},
        "roles_as_text": {"roles": "administrator"},
        "no_subject": {"sub": None},
    }


def _encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
