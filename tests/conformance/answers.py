"""What an app looks at in the answers of VAD, in every plan."""

import hashlib
import re
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.support.relying_party_client import Asked, header_of

SAYABLE = r"[ !#-\[\]-~]+"
"""What `error_description` may have in it (RFC 6749 sections 4.1.2.1 and 5.2)."""
OF_EVERY_ID_TOKEN = {
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "auth_time",
    "nonce",
    "acr",
    "azp",
    "at_hash",
    "sid",
}
"""What may be there without being asked for; the suite warns of what else is."""
SUBJECT_TYPE = "sub_id_type"
"""Of NL GOV, and of the tokens of every profile."""


def refreshed(got: requests.Response, held: Mapping[str, Any]) -> dict[str, Any]:
    """What a refresh gave: other tokens than were held, kept by nobody, and no ID token."""
    assert (got.status_code, got.headers["Content-Type"]) == (200, "application/json"), got.text
    assert (got.headers["Cache-Control"], got.headers["Pragma"]) == ("no-store", "no-cache")
    again = dict(got.json())
    assert (again["token_type"], again["expires_in"] > 0, "id_token" in again) == ("Bearer", True, False)
    assert again["access_token"] != held["access_token"]
    assert re.fullmatch(r"[\x21-\x7e]{22,}", again["refresh_token"])
    return again


def refusal(answer: requests.Response) -> tuple[int, str]:
    """Status and error of a refusal whose form is as it must be (RFC 6749 section 5.2)."""
    assert answer.headers["Content-Type"] == "application/json"
    said = answer.json()
    assert re.fullmatch(SAYABLE, said["error_description"])
    assert not said.keys() & {"access_token", "id_token", "request_uri"}
    return answer.status_code, str(said["error"])


def declined(issuer: str, answer: Mapping[str, str], asked: Asked) -> str:
    """The error that an app is told by way of the browser, in an answer of nothing else (section 4.1.2.1, RFC 9207)."""
    state = dict(asked.parameters).get("state")
    assert answer.keys() == {"error", "error_description", "iss", *(("state",) if state else ())}
    assert (answer.get("state"), answer["iss"]) == (state, issuer)
    assert re.fullmatch(SAYABLE, answer["error_description"])
    return answer["error"]


def identified(issuer: str, client_id: str, held: Mapping[str, Any], nonce: str | None, by: str) -> dict[str, Any]:
    """The claims of an ID token that is what OIDC Core sections 2 and 3.1.3.7 want, and says no more."""
    keys = requests.get(f"{issuer}/jwks", timeout=20).json()
    assert header_of(held["id_token"])["kid"] in {key["kid"] for key in keys["keys"]}
    claims = dict(jwt.decode(held["id_token"], KeySet.import_key_set(keys), algorithms=[by]).claims)
    assert (claims["iss"], claims["aud"], claims["azp"]) == (issuer, client_id, client_id)
    assert (claims.get("nonce"), 0 < len(claims["sub"]) <= 255) == (nonce, True)
    assert time.time() - 60 < claims["iat"] <= time.time() + 1 < claims["exp"]
    assert 0 < claims["auth_time"] <= claims["iat"]
    half = hashlib.sha256(held["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == urlsafe_b64encode(half).rstrip(b"=").decode()
    assert claims.keys() - OF_EVERY_ID_TOKEN == {SUBJECT_TYPE}
    return claims
