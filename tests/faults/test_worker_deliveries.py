"""What a worker tells of deliveries: alarms, messages that it does not know, and defects, with figures at its door."""

import os
from collections.abc import Iterator

import pytest

from tests.faults.test_worker import (
    LAB,
    alerts,
    empty_outbox,
    fill,
    lines,
    starting,
    wait,
    wait_until_ready,
    waiting,
)
from tests.faults.test_worker_door import Door
from tests.support.backroom import Backroom
from tests.support.own_stores import Stores
from tests.support.person import Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town
from vad.sandbox.child import Child

__all__ = ["empty_outbox"]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def door() -> Door:
    """Give where the worker of this module is asked."""
    return Door()


@pytest.fixture(scope="module")
def running(
    the_town: Town, own_stores: Stores, door: Door, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Child]:
    """Give one worker for the whole module."""
    own_stores.mend()
    with starting(the_town, tmp_path_factory.mktemp("worker")) as start:
        worker = start(VAD__METRICS__WORKER_BIND=door.bind)
        wait_until_ready(worker)
        yield worker


@pytest.fixture
def worker(running: Child) -> Child:
    """Give it, with a log in which nothing stands yet."""
    os.truncate(running.log, 0)
    return running


def test_a_stolen_code_raises_an_alarm(worker: Child, rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """A code used twice takes everything back, and operators hear of it in the log: references, no token."""
    asked = rp.ask(resources=(LAB,), scope="openid 51")
    code = person.authorize(asked)
    own = rp.redeem(asked, code).json()
    assert rp.redeem(asked, code).json()["error"] == "invalid_grant"
    assert rp.refresh(own["refresh_token"]).json()["error"] == "invalid_grant"
    (revoked,) = backroom.events("grant.revoked")
    wait(worker, lambda: waiting(backroom) == 0)
    (alert,) = alerts(worker)
    assert (alert["reason"], alert["client_id"], alert["level"]) == ("code_reused", "rp-one", "warning")
    assert alert["grant_id"] == revoked["grant_id"]
    said = worker.log.read_text()
    assert code not in said
    assert own["refresh_token"] not in said


def test_what_it_does_not_know_waits(worker: Child, backroom: Backroom) -> None:
    """A message of a kind that a newer release writes is kept for that release's worker, and hinders nobody."""
    fill(backroom, 1)
    backroom.ask("UPDATE outbox SET kind = 'letter'")
    fill(backroom, 1)
    wait(worker, lambda: backroom.ask("SELECT kind, attempts, state FROM outbox") == [("letter", 1, "waiting")])
    assert len(alerts(worker)) == 1


def test_a_message_that_breaks_its_deliverer_hinders_nobody(worker: Child, backroom: Backroom, door: Door) -> None:
    """A defect counts as a failed attempt, is logged by class and message, and the rest of the batch goes out."""
    before = door.faults("delivery_fault")
    fill(backroom, 1)
    backroom.ask('UPDATE outbox SET payload = \'{"event": "secret"}\'')
    ((broken,),) = backroom.ask("SELECT message_id FROM outbox")
    fill(backroom, 2)
    wait(worker, lambda: backroom.ask("SELECT attempts, state FROM outbox") == [(1, "waiting")])
    assert len(alerts(worker)) == 2
    wait(worker, lambda: "delivery_fault" in worker.log.read_text())
    (fault,) = lines(worker, "delivery_fault")
    assert (fault["level"], fault["message_id"]) == ("error", str(broken))
    assert fault["exception_class"] == "builtins.TypeError"
    assert "secret" not in worker.log.read_text()
    wait(worker, lambda: door.faults("delivery_fault") == before + 1.0)


def test_a_database_that_does_not_fit_is_an_error_each_time(worker: Child, backroom: Backroom, door: Door) -> None:
    """Not an outage: the worker lives, says so every time it tries, ever more rarely, and goes on when it is mended.

    It counts as healthy all the while: starting it anew would mend nothing.
    """
    before = door.faults("worker_fault")
    backroom.ask("ALTER TABLE outbox RENAME TO elsewhere")
    try:
        wait(worker, lambda: len(lines(worker, "worker_fault")) >= 2)
        assert door.faults("worker_fault") >= before + 2.0
        assert door.healthy() == 200
    finally:
        backroom.ask("ALTER TABLE elsewhere RENAME TO outbox")
    assert {fault["level"] for fault in lines(worker, "worker_fault")} == {"error"}
    assert all("StoreFaultError" in fault["exception_class"] for fault in lines(worker, "worker_fault"))
    assert lines(worker, "worker_waits") == []
    fill(backroom, 1)
    wait(worker, lambda: waiting(backroom) == 0)
    assert lines(worker, "figures_fault") == []
