"""The discovery document holds itself, signed (RFC 8414 section 2.1, NL GOV OIDC)."""

from typing import Any

import pytest
import requests

from tests.support.relying_party_client import RelyingParty, header_of
from tests.support.town import Town
from tests.web.oidc.inside import Inside
from tests.web.oidc.test_tokens import verified
from vad.adapters.jose.signed_metadata import METADATA_TYPE, MetadataSigner

DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture
def document(vad_town: Town) -> dict[str, Any]:
    """Give the discovery document."""
    return dict(requests.get(vad_town.issuer + DISCOVERY, timeout=20).json())


def test_it_says_what_the_document_says(vad_town: Town, document: dict[str, Any]) -> None:
    """All of it and who says so, signed by a key that is published; not itself."""
    signed = document.pop("signed_metadata")
    header = header_of(signed)
    assert header == {"alg": "ES256", "kid": header["kid"], "typ": METADATA_TYPE}
    assert verified(vad_town.issuer, signed, "ES256") == {**document, "iss": vad_town.issuer}


def test_every_process_makes_the_same(vad_town: Town, inside: Inside, document: dict[str, Any]) -> None:
    """To the byte: the document has one tag, wherever it comes from."""
    signed = document.pop("signed_metadata")
    assert MetadataSigner(inside.keyring).sign(vad_town.issuer, document) == signed


def test_it_is_good_for_nothing_else(rp: RelyingParty, document: dict[str, Any]) -> None:
    """Signed by the key of tokens, and no token: not an access token, nor what somebody once got as an ID token."""
    signed = document["signed_metadata"]
    answer = requests.get(document["userinfo_endpoint"], headers={"Authorization": f"Bearer {signed}"}, timeout=20)
    assert answer.status_code == 401
    assert rp.exchange(signed, "https://source.example").json()["error"] == "invalid_request"
    hinted = rp.ask(id_token_hint=signed).parameters
    page = requests.get(document["authorization_endpoint"], params=dict(hinted), timeout=20, allow_redirects=False)
    assert "error=invalid_request" in page.headers["Location"]
