"""The ministry's Laravel client (`nl-rdo-openid-connect-php-laravel`), which goes by what discovery says."""

import base64
import hashlib
import secrets
import time
from urllib.parse import quote_plus

import pytest
import requests
from joserfc import jwe, jwt
from joserfc.jwk import KeySet, RSAKey

from tests.support.ministry import OPEN, POST, PROXY, REDIRECT, SECRET, DvpProxy
from tests.support.person import Person
from tests.support.relying_party_client import ASSERTION_TYPE
from tests.support.town import Town

METHODS = ("client_secret_basic", "private_key_jwt", "none")


@pytest.mark.parametrize(("client_id", "method"), [*zip((POST, PROXY, OPEN), METHODS, strict=True)])
def test_the_whole_way(vad_town: Town, ministry_key: RSAKey, person: Person, client_id: str, method: str) -> None:
    """From discovery to userinfo. Its secret it shows in the header where discovery has that, however it is registered.

    Its assertion names no key, and has `jti` and `iat`. Userinfo is asked with a query of its own.
    """
    known = requests.get(f"{vad_town.issuer}/.well-known/openid-configuration", timeout=20).json()
    assert {*METHODS, "client_secret_post"} <= {*known["token_endpoint_auth_methods_supported"]}
    assert "client_secret_jwt" not in known["token_endpoint_auth_methods_supported"]
    asked = DvpProxy(vad_town.issuer, client_id).ask(nonce=secrets.token_hex(16), state=secrets.token_hex(16))
    form = {
        "grant_type": "authorization_code",
        "code": person.authorize(asked),
        "redirect_uri": REDIRECT,
        "client_id": client_id,
        "code_verifier": asked.code_verifier,
    }
    headers = {}
    if method == "client_secret_basic":
        shown = f"{quote_plus(client_id)}:{quote_plus(SECRET)}"
        headers["Authorization"] = f"Basic {base64.b64encode(shown.encode()).decode()}"
    elif method == "private_key_jwt":
        now = int(time.time())
        claims = {"iss": client_id, "sub": client_id, "aud": known["token_endpoint"], "jti": secrets.token_hex(32)}
        signed = jwt.encode({"alg": "RS256"}, {**claims, "exp": now + 60, "iat": now}, ministry_key)
        form |= {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}
    answer = requests.post(known["token_endpoint"], form, headers=headers, timeout=20)
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    keys = KeySet.import_key_set(requests.get(known["jwks_uri"], timeout=20).json())
    claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (
        known["issuer"],
        client_id,
        dict(asked.parameters)["nonce"],
    )
    bearer = {"Authorization": f"Bearer {tokens['access_token']}", "Accept": "application/json"}
    told = requests.get(f"{known['userinfo_endpoint']}?schema=openid", headers=bearer, timeout=20)
    if told.headers["Content-Type"] == "application/jwt":
        # It tries each of its keys, for it may have several while they change.
        opened = jwe.decrypt_compact(told.text, ministry_key, algorithms=["RSA-OAEP", "A128CBC-HS256"]).plaintext or b""
        members = jwt.decode(opened.decode(), keys, algorithms=["RS256"]).claims
    else:
        members = told.json()
    assert members["sub"] == claims["sub"]
    assert members["person"]["name"]["full_name"] == "Frouke Jansen"


def test_a_secret_is_still_a_secret(vad_town: Town, person: Person) -> None:
    """Shown in the wrong way it is no better: another's, a wrong one, two at once, or at an app of another profile."""
    client = DvpProxy(vad_town.issuer, POST)
    asked = client.ask()
    code = person.authorize(asked)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    form["code_verifier"] = asked.code_verifier
    token = f"{vad_town.issuer}/token"
    for auth, more in (
        ((POST, "wrong"), {}),
        ((OPEN, SECRET), {}),
        ((POST, SECRET), {"client_secret": SECRET}),
        ((POST, SECRET), {"client_id": OPEN}),
    ):
        refused = requests.post(token, form | more, auth=auth, timeout=20)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert requests.post(token, form, auth=(POST, SECRET), timeout=20).status_code == 200
