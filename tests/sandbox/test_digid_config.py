"""The mock DigiD's configuration: written and read back whole, and refused in one line when it cannot work."""

import json
from typing import Any

import pytest
from joserfc.jwk import ECKey

from tests.sandbox.relying_party import CALLBACK, key
from vad.sandbox.digid.app import Config
from vad.sandbox.persons import Person


def config(persons: tuple[Person, ...]) -> Config:
    """Return a configuration that works."""
    return Config(
        issuer="http://localhost:8101",
        client_id="vad",
        redirect_uris=(CALLBACK,),
        jwks_uri="http://localhost:8100/digid/jwks",
        signing_key=dict(key("digid-1").as_dict(private=True)),
        persons=persons,
    )


def test_configuration_survives_being_written(persons: tuple[Person, ...]) -> None:
    """A process of its own gets the very same configuration from a file."""
    written = config(persons)
    assert Config.from_json(json.loads(json.dumps(written.to_json()))) == written


def test_representation_holds_no_secret(persons: tuple[Person, ...]) -> None:
    """Neither the private key nor a BSN ends up in a log line with the configuration."""
    written = config(persons)
    assert str(written.signing_key["d"]) not in repr(written)
    assert persons[0].bsn not in repr(written)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"issuer": ""}, "issuer must be a text"),
        ({"issuer": "localhost:8101"}, "must be http"),
        ({"jwks_uri": None}, "jwks_uri must be a text"),
        ({"redirect_uris": []}, "at least one address"),
        ({"redirect_uris": "http://localhost"}, "redirect_uris must be a list"),
        ({"redirect_uris": ["http://localhost/#part"]}, "without a fragment"),
        ({"signing_key": {}}, "signing_key must be an EC key"),
        ({"signing_key": dict(key("k").as_dict(private=False))}, "private P-256 key with a kid"),
        ({"signing_key": dict(ECKey.generate_key("P-384", {"kid": "k"}).as_dict(private=True))}, "private P-256 key"),
        ({"persons": [{"bsn": "1"}]}, "lacks a field"),
        ({"extra": 1}, "unknown field extra"),
    ],
)
def test_wrong_configuration_is_refused(persons: tuple[Person, ...], change: dict[str, Any], message: str) -> None:
    """Whoever starts it reads which field is wrong."""
    with pytest.raises(ValueError, match=message):
        Config.from_json(config(persons).to_json() | change)
