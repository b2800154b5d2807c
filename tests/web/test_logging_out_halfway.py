"""Logging out while a store is away: whichever step fails, no app gets a token later and the person can try again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.backroom import Backroom
from tests.support.person import FROUKE, Person
from tests.support.relying_party_client import RelyingParty
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.sessions import RedisSessions
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.sealing import Sealer
from vad.bootstrap import web
from vad.domain.errors import StoreUnavailableError
from vad.sandbox.ports import free_port
from vad.services.sessions import SessionService
from vad.web.support.services import services

pytestmark = pytest.mark.slow

SOURCE = "https://source.example"


class AwayAtTheEnd(RedisSessions):
    """Redis goes away just before the last step."""

    def remove(self, place: str) -> None:
        """Fail as every call does that finds no Redis."""
        raise StoreUnavailableError(place)


def _redis_away(backroom: Backroom) -> dict[str, Any]:
    nowhere = RedisConnection.open(f"redis://127.0.0.1:{free_port()}")
    here, keys = backroom.sessions, StoreKeys(backroom.foundation.keyring)
    away = RedisSessions(nowhere, keys)
    assert here.place("x") == away.place("x")
    return {"sessions": away}


def _postgresql_away(backroom: Backroom) -> dict[str, Any]:
    keys = backroom.foundation.keys
    nowhere = Database(f"postgresql+psycopg2://vad@127.0.0.1:{free_port()}/vad")
    return {"work": PostgresWork(nowhere, Sealer(keys), BsnLookup(keys))}


def _redis_away_at_the_end(backroom: Backroom) -> dict[str, Any]:
    return {"sessions": AwayAtTheEnd(backroom.redis, StoreKeys(backroom.foundation.keyring))}


@pytest.fixture
def service(backroom: Backroom) -> SessionService:
    """Give the use case, over the stores of the town."""
    app = web.create_app(backroom.town.settings)
    with app.app_context():
        return services().sessions


@pytest.mark.parametrize("fault", [_redis_away, _postgresql_away, _redis_away_at_the_end])
def test_whatever_fails_it_can_be_tried_again(
    rp: RelyingParty,
    person: Person,
    backroom: Backroom,
    service: SessionService,
    fault: Callable[[Backroom], dict[str, Any]],
) -> None:
    """The session is still to be found, so the second time ends everything: refresh tokens, and codes on their way."""
    asked = rp.ask(resources=(SOURCE,), scope="openid 51")
    own = rp.redeem(asked, person.authorize(asked, FROUKE)).json()
    on_its_way = rp.ask(resources=(SOURCE,), scope="openid 51")
    code = person.authorize(on_its_way, FROUKE)
    cookie = person.cookies["vad_session"]
    session = backroom.sessions.get(cookie)
    assert session is not None
    failing = replace(service, **fault(backroom))
    with pytest.raises(StoreUnavailableError):
        failing.end(cookie, session, datetime.now(UTC), reason="logged_out")
    assert backroom.sessions.get(cookie) == session
    assert person.log_out().heading == "U bent uitgelogd"
    assert backroom.sessions.get(cookie) is None
    assert rp.refresh(own["refresh_token"]).json()["error"] == "invalid_grant"
    assert rp.redeem(on_its_way, code).json()["error"] == "invalid_grant"
    assert backroom.events("session.ended")


def test_a_code_gives_nothing_from_the_first_step_on(
    rp: RelyingParty, person: Person, backroom: Backroom, service: SessionService
) -> None:
    """Its grant would be written after those of the session were ended, and nobody would end it any more."""
    asked = rp.ask(resources=(SOURCE,), scope="openid 51")
    code = person.authorize(asked, FROUKE)
    cookie = person.cookies["vad_session"]
    session = backroom.sessions.get(cookie)
    assert session is not None
    failing = replace(service, **_postgresql_away(backroom))
    with pytest.raises(StoreUnavailableError):
        failing.end(cookie, session, datetime.now(UTC), reason="logged_out")
    assert rp.redeem(asked, code).json()["error"] == "invalid_grant"
