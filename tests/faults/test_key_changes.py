"""Every kind of key is changed under a real `vad serve` with two processes: nobody notices anything at all."""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from tests.faults.key_changes import KeyOperator, People
from tests.faults.serving import Served
from tests.support.bsns import bsns
from tests.support.database import Server, ask, new_database
from tests.support.town import Town, town
from tests.support.town_fixtures import registrations
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.key_ring import LiveKeyRing
from vad.adapters.vault.master_key import MasterKey
from vad.sandbox.child import Child, Program
from vad.sandbox.demo.configuration import DEFAULTS, PROJECT
from vad.sandbox.demo.programs import environment
from vad.sandbox.redis import RedisServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

PEOPLE = [bsn.reveal() for bsn in islice(bsns(), 150)]
TO_THE_END = ("signing", "lookup", "seal", "digid_signing", "digid_encryption")
"""Purposes of which the former keys are destroyed here."""
DIGID = ("digid_signing", "digid_encryption")
_LIMITS = ("AUTHORIZE_PER_ADDRESS", "LOGIN_PER_ADDRESS", "TOKEN_PER_CLIENT", "INTROSPECTION_PER_SOURCE")


@pytest.fixture
def quiet_town(
    postgres: Server,
    migrated_template: str,
    redis_server: RedisServer,
    server_directory: Path,
    rp_keys: dict[str, dict[str, object]],
    source_key: dict[str, object],
) -> Iterator[Town]:
    """Give a town of many people, in which nobody answers at VAD's address yet."""
    overlay = server_directory / "key-changes-overlay"
    overlay.mkdir()
    (overlay / "tests.toml").write_text(registrations(rp_keys, source_key))
    lines = [
        f"""
        [[persons]]
        bsn = "{bsn}"
        voornamen = "Test"
        geslachtsnaam = "Mens{number}"
        age = {{ years = 40 }}
        story = {{ nl = "Een mens.", en = "A human." }}
        """
        for number, bsn in enumerate(PEOPLE)
    ]
    (overlay / "persons.toml").write_text("\n".join(lines))
    with (
        new_database(postgres, migrated_template) as database,
        town(server_directory / "key-changes", database, redis_server.url, [overlay], served=False) as made,
    ):
        yield made


@pytest.fixture
def served(quiet_town: Town, tmp_path: Path) -> Iterator[Served]:
    """Give `vad serve` with two processes, without the limits that one address would meet."""
    port = quiet_town.layout.port("vad")
    known = environment((DEFAULTS, quiet_town.state.configuration))
    known |= {f"VAD__LIMITS__{name}": "1000000" for name in _LIMITS}
    command = ("serve", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "16")
    arguments = (sys.executable, "-c", "from vad.cli.main import main; main()", *command)
    child = Child(Program(arguments=arguments, log=tmp_path / "serve.log", environment=known, directory=PROJECT))
    running = Served(quiet_town.issuer, child)
    running.until(lambda: running.ready() == 200)
    yield running
    child.stop()


@pytest.fixture
def people(quiet_town: Town, rp_keys: dict[str, dict[str, object]]) -> People:
    """Give those who use it."""
    return People(quiet_town, dict(rp_keys["rp-one"]), PEOPLE)


def test_every_key_changes_and_nobody_notices(quiet_town: Town, served: Served, people: People) -> None:
    """Signing, look-up, sealing, handles, caches, DigiD's two and the master key, to the end, while people log in.

    Not one request fails, whoever logs in at two browsers at once becomes one person and stays one, and the log holds
    no warning. Last, new processes start with the new master key alone. Keys of handles and caches live for hours after
    they are retired, so only the others are destroyed here.
    """
    operator = KeyOperator(quiet_town)
    database = quiet_town.database.migrate_url
    before = set(ask(database, "SELECT key_id FROM keys WHERE purpose = ANY(%s)", (list(TO_THE_END),)))
    with people.busy():
        people.go_round()
        change_published_keys(operator, people)
        change_lookup_key(operator, people)
        change_sealing_keys(operator, people)
        change_master_key(operator, people, served)
        people.go_round()
    assert people.failures == []
    assert {len(subjects) for subjects in people.subjects.values()} == {1}
    assert ask(database, "SELECT count(*) FROM persons") == [(len(people.subjects),)]
    assert not before & set(ask(database, "SELECT key_id FROM keys")), "every one of them is another one"
    lines = [json.loads(line) for line in served.child.log.read_text().splitlines()]
    assert [line for line in lines if line["level"] not in {"info", "debug"}] == []


def change_published_keys(operator: KeyOperator, people: People) -> None:
    """Published, used by all, and the former ones destroyed when what they were for is over.

    Those that VAD signs with, and both of DigiD: that VAD proves itself with, and that DigiD encrypts to, which DigiD
    fetches from VAD.
    """
    every = ("signing", *DIGID)
    for purpose in every:
        operator.keys("rotate", purpose)
    operator.until_published("signing")
    operator.until_published(*DIGID, path="/digid/jwks")
    people.go_round()
    for purpose in every:
        operator.ages(purpose, "10 minutes")
        operator.keys("rotate", purpose)
    people.go_round()
    operator.five_minutes_pass_at_digid()
    people.go_round()
    for purpose in every:
        operator.ages(purpose, "3 hours")
        operator.until_retired(purpose)
    people.go_round()


def change_lookup_key(operator: KeyOperator, people: People) -> None:
    """Without a pause between the steps."""
    operator.keys("rotate", "lookup")
    operator.keys("rehash")
    output, succeeded = operator.tries("rotate", "lookup", "--now")
    while not succeeded:  # somebody logged in at that moment
        assert "are not found by the next look-up key" in output
        operator.keys("rehash")
        output, succeeded = operator.tries("rotate", "lookup", "--now")
    people.go_round()
    operator.keys("rehash")
    operator.ages("lookup", "10 seconds")
    operator.until_retired("lookup", lambda: operator.keys("rehash"))
    people.go_round()


def change_sealing_keys(operator: KeyOperator, people: People) -> None:
    """What is sealed in PostgreSQL, in handles, and in Redis."""
    for purpose in ("seal", "handles", "cache"):
        operator.keys("rotate", purpose)
    people.go_round()
    for purpose in ("seal", "handles", "cache"):
        operator.ages(purpose, "10 seconds")
        operator.keys("rotate", purpose)
    people.go_round()
    operator.keys("reseal")
    operator.ages("seal", "10 seconds")
    operator.until_retired("seal", lambda: operator.keys("reseal"))
    people.go_round()


def change_master_key(operator: KeyOperator, people: People, served: Served) -> None:
    """Both in the file, every key wrapped anew, the old one out of the file; then new processes take over."""
    file = operator.town.keys.master_key_file
    old, new = file.read_text(), MasterKey.generate_text(demo=True)
    file.write_text(f"{new}\n{old}")
    operator.keys("rewrap")
    people.go_round()
    file.write_text(f"{new}\n")
    operator.keys("rotate", "seal")
    people.go_round()
    with closing(Database(operator.town.database.app_url)) as opened:
        assert LiveKeyRing(opened, lambda: MasterKey.from_file(file)).current
    former = served.workers()
    served.child.signal(signal.SIGHUP)
    served.until(lambda: not former & served.workers() and len(served.workers()) == 2)
