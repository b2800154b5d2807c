"""Addresses that an app registers: of the characters of an address, on a host and port that there are, and few."""

import pytest

from tests.adapters.configuration.test_registered_logout import registered
from vad.adapters.configuration.files import ConfigurationFileError
from vad.adapters.configuration.registration_fields import MOST_ADDRESSES, called_by_us, redirect_uri

GOOD = (
    "https://app.example",
    "https://app.example/callback?a=b&c=%20d;(e)'f!$,+~",
    "https://[2001:db8::1]:65535/",
    "http://localhost:9000/oidc/login",
    "http://[::1]/",
    "https://app.example/".ljust(2048, "x"),
)
BAD = {
    "https://user:secret@app.example/": "without credentials",
    "https://@app.example/": "without credentials",
    "https://app.example:99999/": "a port that there is",
    "https://app.example:0/": "a port that there is",
    "https://app.example:x/": "a port that there is",
    "https://:443/": "with a host",
    "https://[x/": "a port that there is",
    "https://app.example/".ljust(2049, "x"): "2048 characters",
    **{
        f"https://app.example/{odd}": "those of RFC 3986"
        for odd in ("\x00", "\n", "\t", "\x7f", "\u202e", " ", "é", "\\@evil.example", "<a>", '"', "{a}", "\ud800")
    },
    " https://app.example/": "those of RFC 3986",
    "https://app.example/#x": "without fragment",
    "https://*.example/": "wildcard",
}


def test_what_is_an_address() -> None:
    """RFC 3986, with what RFC 6749 section 3.1.2 and RFC 8252 leave of it."""
    for uri in GOOD:
        assert redirect_uri(uri) == called_by_us(uri) == uri


@pytest.mark.parametrize(("uri", "told"), BAD.items(), ids=map(ascii, BAD))
def test_what_is_none(uri: str, told: str) -> None:
    """What one reader drops and another keeps, people or PostgreSQL can't have, or leads nowhere."""
    for check in (redirect_uri, called_by_us):
        with pytest.raises(ValueError, match=told):
            check(uri)


@pytest.mark.parametrize("member", ["redirect_uris", "post_logout_redirect_uris"])
def test_there_are_not_many(member: str) -> None:
    """Each is looked at when somebody logs in or out."""
    many = [f"https://app.example/{number}" for number in range(MOST_ADDRESSES + 1)]
    assert registered(**{member: many[1:]})
    with pytest.raises(ConfigurationFileError, match=f"{member}: .*at most {MOST_ADDRESSES} items"):
        registered(**{member: many})
