"""The clock is set back and forth while VAD runs: nothing lives longer than was written, nothing is lost for good."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import requests
import time_machine

from tests.support.person import HENDRIK, Person
from tests.support.relying_party_client import RelyingParty, claims_of

pytestmark = pytest.mark.slow

LAB = "https://source.example"
LONGEST = 300


@contextmanager
def clock_off_by(off: timedelta) -> Iterator[None]:
    """Everybody's clock but that of PostgreSQL and Redis is that much wrong, and goes on ticking."""
    with time_machine.travel(datetime.now(UTC) + off, tick=True):
        yield


def lives_no_longer(answer: requests.Response, given_at: datetime) -> None:
    """Refused; or what came lives no longer than it says, and no longer in true time than a token that is given now."""
    if answer.status_code == requests.codes.ok:
        claims = claims_of(answer.json()["access_token"])
        assert claims["exp"] - claims["iat"] <= LONGEST
        assert claims["exp"] <= given_at.timestamp() + LONGEST + 5


def test_a_clock_that_jumps(rp: RelyingParty, source: RelyingParty, person: Person) -> None:
    """Back by two hours: tokens from the future count for nothing. Ahead by three: all is over. Mended: all goes on."""
    asked = rp.ask(resources=(LAB,), scope="openid 51")
    own = rp.redeem(asked, person.authorize(asked, HENDRIK)).json()
    for_source = rp.exchange(own["access_token"], LAB).json()["access_token"]
    assert source.introspect(for_source).json()["active"] is True

    given_at = datetime.now(UTC)
    with clock_off_by(timedelta(hours=-2)):
        assert rp.exchange(own["access_token"], LAB).status_code == 400
        assert source.introspect(for_source).json() == {"active": False}
        assert rp.userinfo(own["access_token"]).status_code == 401
        back = rp.refresh(own["refresh_token"])
        lives_no_longer(back, given_at)
        latest = back.json().get("refresh_token", own["refresh_token"])

    with clock_off_by(timedelta(hours=3)):
        assert rp.exchange(own["access_token"], LAB).status_code == 400
        assert source.introspect(for_source).json() == {"active": False}
        assert rp.refresh(latest).json()["error"] == "invalid_grant"
        assert person.send("GET", "/mijn/activiteit").status_code == 303

    assert source.introspect(for_source).json()["active"] is True
    assert rp.refresh(latest).status_code == 200
    again = rp.ask(resources=(LAB,), scope="openid 51")
    assert rp.redeem(again, person.authorize(again, HENDRIK)).status_code == 200


@pytest.mark.parametrize("hours", [-2, 3])
def test_a_code_from_another_time(rp: RelyingParty, person: Person, hours: int) -> None:
    """A code that was given before the jump gives nothing that lives longer than it says, and works once at most."""
    asked = rp.ask(resources=(LAB,), scope="openid 51")
    code = person.authorize(asked, HENDRIK)
    given_at = datetime.now(UTC)
    with clock_off_by(timedelta(hours=hours)):
        first, second = rp.redeem(asked, code), rp.redeem(asked, code)
        lives_no_longer(first, max(given_at, datetime.now(UTC)))
        assert second.status_code == 400
