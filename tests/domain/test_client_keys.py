"""When an app needs another key: as its page, `vad doctor` and the alert have it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf

import pytest

from tests.domain.domain_examples import client, source
from vad.domain.client import Client, Jwk
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import ClientId, ResourceId
from vad.services.client_keys import AT_ONCE, MOST_TOLD, WARN_BEFORE, ClientKeyWatch, KeyEnd, SourceKeyWatch, key_ends
from vad.services.ports.registering import KeyFacts

AT = datetime(2027, 1, 1, tzinfo=UTC)


def key(days: int | None, use: str | None = None) -> Jwk:
    """One that ends so many days from now; None: it came without a certificate."""
    return {"days": days} | ({} if use is None else {"use": use})


def facts(jwk: Jwk) -> KeyFacts:
    """What is known of it."""
    days = jwk["days"]
    return KeyFacts("", "", f"key {days}", None if days is None else AT + timedelta(days=float(str(days))))


@pytest.mark.parametrize(
    ("keys", "missed"),
    [
        ([], []),
        ([key(None)], []),
        ([key(10)], [10]),
        ([key(10), key(90)], [90]),
        ([key(10), key(None)], []),
        ([key(10, "sig"), key(90)], [90]),
        ([key(90, "sig"), key(10, "enc")], [10, 90]),
        ([key(10, "enc"), key(None)], [10]),
        ([key(-5)], [-5]),
    ],
)
def test_an_app_misses_the_last_key_of_each_use(keys: list[Jwk], missed: list[int]) -> None:
    """One that another outlasts is missed by nobody; a key without a certificate has no end."""
    assert [each.thumbprint for each in key_ends(keys, facts)] == [f"key {days}" for days in missed]


def test_somebody_is_told_sixty_days_ahead() -> None:
    """And as long as it is so, the end and after."""
    assert not KeyEnd("", AT + WARN_BEFORE).soon(AT)
    assert KeyEnd("", AT + WARN_BEFORE - timedelta(seconds=1)).soon(AT)
    assert KeyEnd("", AT - timedelta(days=1)).soon(AT)


class Apps:
    """Apps that publish their keys, and how often each was asked."""

    def __init__(self, number: int) -> None:
        self.clients = [
            client(client_id=ClientId(f"app-{each}"), jwks_uri=f"https://app-{each}.example") for each in range(number)
        ]
        self.days: dict[str, int | None] = {}
        """By address; who is not here does not answer."""
        self.asked: list[str] = []

    def published(self, app: Client) -> tuple[Jwk, ...]:
        """Its keys."""
        self.asked.append(app.jwks_uri)
        if app.jwks_uri not in self.days:
            raise RegisterUnavailableError("away")
        return (key(self.days[app.jwks_uri]),)


def days_left(watch: ClientKeyWatch) -> float | None:
    """In how many days the first app will be without a key."""
    if watch.ends is None:
        return None
    return (min(watch.ends.values(), default=inf) - AT.timestamp()) / 86_400


def test_the_first_app_without_a_key_is_told() -> None:
    """Those in service alone; of an app that does not answer what it said last, until it has another address."""
    apps = Apps(1)
    [one] = apps.clients
    registered = client(jwks=(key(30), key(200)))
    known = [registered, one, replace(registered, client_id=ClientId("off"), jwks=(key(1),), active=False)]
    watch = ClientKeyWatch(lambda: known, apps.published, facts)
    assert days_left(watch) is None
    assert watch(AT) == 0
    assert (days_left(watch), watch.unread) == (200, 1), "what nobody read may end sooner"
    apps.days[one.jwks_uri] = 100
    watch(AT + timedelta(minutes=9))
    assert days_left(watch) == 200, "it was asked a moment ago"
    watch(AT + timedelta(minutes=10))
    assert (days_left(watch), watch.unread) == (100, 0)
    assert set(watch.ends or ()) == {registered.client_id, one.client_id}
    apps.days.clear()
    watch(AT + timedelta(minutes=20))
    assert (days_left(watch), watch.unread) == (100, 0)
    known[:] = [replace(one, jwks_uri="https://elsewhere.example")]
    watch(AT + timedelta(minutes=21))
    assert (watch.ends, watch.unread) == ({}, 1)


def test_many_apps_hold_nobody_up() -> None:
    """So many are asked in one round, then those that waited longest."""
    apps = Apps(2 * AT_ONCE)
    apps.days.update(dict.fromkeys((each.jwks_uri for each in apps.clients), 100))
    apps.days[apps.clients[-1].jwks_uri] = 7
    watch = ClientKeyWatch(lambda: apps.clients, apps.published, facts)
    watch(AT)
    assert (len(apps.asked), days_left(watch)) == (AT_ONCE, 100)
    watch(AT)
    assert (len(set(apps.asked)), days_left(watch)) == (2 * AT_ONCE, 7)
    watch(AT)
    assert len(apps.asked) == 2 * AT_ONCE


def test_the_sources_whose_keys_end_first_are_told() -> None:
    """Those in service, whose key has an end; not more than a figure has room for."""
    endless = source(encryption_jwk=key(None))
    many = [
        replace(endless, identifier=ResourceId(f"https://{days}.example"), encryption_jwk=key(days))
        for days in range(MOST_TOLD + 9)
    ]
    many[0] = replace(many[0], active=False)
    watch = SourceKeyWatch(lambda: [endless, *reversed(many)], facts)
    assert watch.ends is None
    assert watch(AT) == 0
    assert watch.ends == {
        f"https://{days}.example": (AT + timedelta(days=days)).timestamp() for days in range(1, MOST_TOLD + 1)
    }
