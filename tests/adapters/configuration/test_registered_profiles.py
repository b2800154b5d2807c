"""What a registration may say depends on the profile that it names."""

import hashlib
from typing import Any

import pytest
from click.testing import CliRunner

from tests.adapters.configuration.test_registered_keys import P256
from vad.adapters.configuration import registrations
from vad.adapters.configuration.files import ConfigurationFileError
from vad.cli.main import cli
from vad.domain.client import Client
from vad.domain.profile import ClientAuthentication

HASH = "ab" * 32


def entry(**said: Any) -> dict[str, Any]:
    """A client's entry in a file."""
    least = {"client_id": "app", "name": "App", "organisation": "App", "redirect_uris": ["https://app.example/cb"]}
    return {"clients": [{**least, **said}]}


def client(**said: Any) -> Client:
    """The client that such an entry registers."""
    return registrations.parse(entry(**said)).clients[0]


def test_what_is_not_said_follows_from_the_profile() -> None:
    """The first method and the first algorithm of the profile's column."""
    strict, basic = client(jwks={"keys": [P256]}), client(profile="basic", client_secret_sha256=[HASH])
    assert (strict.profile, strict.token_endpoint_auth_method) == ("nlgov", ClientAuthentication.PRIVATE_KEY_JWT)
    assert (basic.profile, basic.token_endpoint_auth_method) == ("basic", ClientAuthentication.CLIENT_SECRET_BASIC)
    assert (strict.id_token_signed_response_alg, basic.id_token_signed_response_alg) == ("ES256", "RS256")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"profile": "fapi2", "jwks": {"keys": [P256]}}, "profile"),
        ({"token_endpoint_auth_method": "client_secret_basic", "client_secret_sha256": [HASH]}, "nlgov has no"),
        ({"jwks": {"keys": [P256]}, "client_secret_sha256": [HASH]}, "goes without client_secret_sha256"),
        ({"profile": "basic"}, "needs client_secret_sha256"),
        ({"profile": "basic", "client_secret_sha256": ["secret"]}, "client_secret_sha256"),
        ({"profile": "basic", "client_secret_sha256": [HASH] * 3}, "client_secret_sha256"),
        ({"profile": "basic", "token_endpoint_auth_method": "private_key_jwt"}, "exactly one of jwks and jwks_uri"),
        ({"profile": "basic", "token_endpoint_auth_method": "none"}, "token_endpoint_auth_method"),
    ],
)
def test_what_the_profile_has_not_is_refused(said: dict[str, Any], told: str) -> None:
    """With what is wrong, and never with what stands there for a secret."""
    with pytest.raises(ConfigurationFileError, match=told) as refused:
        registrations.parse(entry(**said))
    assert HASH not in str(refused.value)


def test_a_secret_is_made_for_an_app() -> None:
    """256 random bits for the app, their hash for the registration, others each time."""
    first, second = (CliRunner().invoke(cli, ["clients", "secret"]).output.splitlines() for _ in range(2))
    secret = first[0].rpartition(" ")[2]
    assert len(secret) == 43
    assert first[1] == f'client_secret_sha256 = ["{hashlib.sha256(secret.encode()).hexdigest()}"]'
    assert first != second
