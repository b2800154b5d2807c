"""Registrations: how an app proves itself by a certificate (RFC 8705 section 2.1.2)."""

from typing import Any

import pytest

from tests.adapters.configuration.test_registered_keys import content
from vad.adapters.configuration import registrations
from vad.adapters.configuration.files import ConfigurationFileError
from vad.domain.client import Client
from vad.domain.profile import ClientAuthentication

BY_NAME: dict[str, Any] = {"token_endpoint_auth_method": "tls_client_auth", "jwks": None}
PUBLISHED = {"jwks_uri": "https://app.example/keys"}
DN, DNS = {"tls_client_auth_subject_dn": "CN=app,O=App"}, {"tls_client_auth_san_dns": "App.example"}


def registered(members: dict[str, Any]) -> Client:
    """The client of a configuration with these members; None takes one out."""
    known = content()
    client = known["clients"][0] | members
    known["clients"][0] = {name: value for name, value in client.items() if value is not None}
    return registrations.parse(known).clients[0]


def test_it_is_known_by_one_name() -> None:
    """And keeps no keys, unless for something else."""
    client = registered(BY_NAME | DNS | {"tls_client_certificate_bound_access_tokens": True})
    assert client.token_endpoint_auth_method is ClientAuthentication.TLS_CLIENT_AUTH
    assert client.certificate_name is not None
    assert client.certificate_name.value == "app.example"
    assert client.tls_client_certificate_bound_access_tokens


def test_one_that_signs_itself_may_publish_it() -> None:
    """RFC 8705 section 2.2.2: what is there is looked at when the app comes."""
    client = registered({"token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": None, **PUBLISHED})
    assert (client.jwks, client.jwks_uri) == ((), PUBLISHED["jwks_uri"])


@pytest.mark.parametrize(
    ("members", "complaint"),
    [
        (BY_NAME, "needs exactly one of tls_client_auth_subject_dn"),
        (BY_NAME | DN | DNS, "needs exactly one of"),
        (BY_NAME | {"tls_client_auth_subject_dn": "app"}, "tls_client_auth_subject_dn is no such name"),
        (BY_NAME | {"tls_client_auth_san_ip": "app"}, "tls_client_auth_san_ip is no such name"),
        (DN, "private_key_jwt goes without tls_client_auth_subject_dn"),
        ({"token_endpoint_auth_method": "self_signed_tls_client_auth"}, "needs a certificate in jwks"),
        (
            {"token_endpoint_auth_method": "self_signed_tls_client_auth", **PUBLISHED},
            "at most one of jwks and jwks_uri",
        ),
        ({"require_pushed_authorization_requests": True, "profile": "ministry"}, "has no pushed requests"),
        (BY_NAME | DN | {"profile": "ministry"}, "has no token_endpoint_auth_method tls_client_auth"),
        ({"profile": "ministry", "tls_client_certificate_bound_access_tokens": True}, "binds no tokens"),
    ],
)
def test_what_does_not_fit_is_told(members: dict[str, Any], complaint: str) -> None:
    """Before anybody relies on it."""
    with pytest.raises(ConfigurationFileError, match=complaint):
        registered(members)
