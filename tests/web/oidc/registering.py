"""Apps that register themselves in tests: tokens for them, and what they say."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import requests

from tests.support.database import ask
from tests.support.relying_party_client import new_key, public
from tests.support.town import Town
from tests.support.town_fixtures import REDIRECT
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.registration_tokens import Offer, issue

Issue = Callable[..., str]
ORGANISATION = "Zelf B.V."


@contextmanager
def issuing(town: Town) -> Iterator[Issue]:
    """Give initial access tokens inside the block, and take away what comes of them."""
    owner = Database(town.database.migrate_url)

    def make(*, uses: int = 1, minutes: int = 60, profile: str = "nlgov", admits: bool = False, label: str = "") -> str:
        token, at = f"initial-{uuid4()}", datetime.now(UTC)
        issue(owner, token, Offer(profile, ORGANISATION, uses, at + timedelta(minutes=minutes), admits, label), at)
        return token

    yield make
    owner.close()
    url = town.database.superuser_url
    for table in ("client_registrations", "admissions", "grants"):
        of_them = "SELECT client_id FROM clients WHERE organisation = %s"
        ask(url, f"DELETE FROM {table} WHERE client_id IN ({of_them})", (ORGANISATION,))  # noqa: S608 - our own
    ask(url, "DELETE FROM clients WHERE organisation = %s", (ORGANISATION,))
    ask(url, "DELETE FROM registration_tokens")
    ask(url, "UPDATE configuration_version SET version = version + 1")


@pytest.fixture
def issued(vad_town: Town) -> Iterator[Issue]:
    """Give them for one test."""
    with issuing(vad_town) as make:
        yield make


@pytest.fixture
def key() -> dict[str, Any]:
    """Give the private key of the app."""
    return new_key("itself", use="sig", alg="ES256")


def metadata(key: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """What an app says of itself. `changes` replace members; None leaves one out."""
    said: dict[str, Any] = {"client_name": "Zelf aangemeld", "redirect_uris": [REDIRECT]}
    said |= {"jwks": {"keys": [public(key)]}} if key else {}
    return {name: value for name, value in {**said, **changes}.items() if value is not None}


def call(town: Town, method: str, token: str, body: Any = None, client_id: str = "") -> requests.Response:
    """Ask the endpoint of all apps, or that of one."""
    address = f"{town.issuer}/register" + (f"/{client_id}" if client_id else "")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.request(method, address, json=body, headers=headers, timeout=20)


def registered(town: Town, issued: Issue, key: dict[str, Any] | None, **changes: Any) -> dict[str, Any]:
    """Register an app."""
    offer = {name: changes.pop(name) for name in ("profile", "admits") if name in changes}
    made = call(town, "POST", issued(**offer), metadata(key, **changes))
    assert made.status_code == 201, made.text
    return dict(made.json())


def error_of(answer: requests.Response, status: int = 400) -> str:
    """What was refused."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return str(answer.json()["error"])
