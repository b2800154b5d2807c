"""The demo PGO and logging out: it obeys VAD's logout token, and nothing that only looks like one."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from tests.sandbox.street import Street

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    """Give a PGO with its neighbours, in whose ID tokens the session is `s1`."""
    with ExitStack() as stack:
        street = Street(stack)
        street.vad.id_token = {"sid": "s1"}
        yield street


def logout_token(street: Street, key: str = "ec", typ: str = "logout+jwt", **changes: Any) -> str:
    """A logout token; `changes` replace its claims, and None leaves one out."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": street.vad.issuer.url,
        "aud": "pgo-demo",
        "iat": now,
        "exp": now + 120,
        "jti": f"{time.monotonic_ns()}",
        "sid": "s1",
        "sub": "pairwise",
        "events": {EVENT: {}},
    }
    return street.vad.issuer.sign({n: v for n, v in (claims | changes).items() if v is not None}, key, typ=typ)


def tell(street: Street, token: str) -> int:
    """Tell the PGO; returns its status."""
    return requests.post(f"{street.url}/sessie-voorbij", data={"logout_token": token}, timeout=10).status_code


def is_in(street: Street) -> bool:
    """Whether the app still shows data."""
    return street.get("/gegevens").url.endswith("/gegevens")


def test_it_obeys(street: Street) -> None:
    """The session that is named ends, another does not; each token counts once (section 2.6)."""
    street.log_in()
    assert tell(street, logout_token(street, sid="s2")) == 200
    assert is_in(street)
    token = logout_token(street, "rsa")
    assert tell(street, token) == 200
    assert not is_in(street)
    assert tell(street, token) == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"typ": "JWT"},
        {"typ": "at+jwt"},
        {"iss": "http://localhost:1"},
        {"aud": "another"},
        {"aud": ["pgo-demo", "another"]},
        {"exp": 1},
        {"iat": int(time.time()) + 3600},
        {"exp": int(time.time()) + 86400},
        {"nonce": "n"},
        {"sid": None},
        {"sid": 5},
        {"jti": None},
        {"events": None},
        {"events": {}},
        {"events": [EVENT]},
        {"events": {EVENT: "now"}},
    ],
)
def test_what_is_no_logout_token_ends_nothing(street: Street, changes: dict[str, Any]) -> None:
    """Each check of section 2.6 by itself."""
    street.log_in()
    assert tell(street, logout_token(street, **changes)) == 400
    assert is_in(street)


def test_a_forged_token_ends_nothing(street: Street) -> None:
    """Neither garbage nor a signature that is not there."""
    street.log_in()
    good = logout_token(street)
    head, claims, _ = good.split(".")
    for token in ("", "x", "e30.e30.e30", f"{head}.{claims}.", f"{head}.{claims}.{'A' * 86}", "x" * 20_000):
        assert tell(street, token) == 400
    assert is_in(street)
