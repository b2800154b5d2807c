"""The disk below the log of events is full: no event, so no token; and all goes on when there is room again."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from tests.support.backroom import Backroom
from tests.support.database import ask
from tests.support.own_stores import Stores
from tests.support.person import Person, tokens
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town

pytestmark = pytest.mark.slow

SOURCE = "https://source.example"
_ROOT = 0


class SmallDisk:
    """A file system of its own, with room for little more than what is there."""

    def __init__(self, place: Path) -> None:
        self._filler = place / "filler"

    def fill(self) -> None:
        """Leave no byte free."""
        with suppress(OSError), self._filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)

    def make_room(self) -> None:
        """Free what `fill` took."""
        self._filler.unlink(missing_ok=True)


@pytest.fixture
def small_disk(stores: Stores, vad_town: Town) -> Iterator[SmallDisk]:
    """Give the disk on which the events stand for the time of this test; only root can make one."""
    if os.geteuid() != _ROOT:
        pytest.skip("only root can mount a file system")
    place = stores.postgres.directory / "small-disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(place)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        place.rmdir()
        pytest.skip("no file system can be mounted here")
    url, disk = vad_town.database.superuser_url, SmallDisk(place)
    home = place / "events"
    try:
        home.mkdir()
        shutil.copymode(stores.postgres.directory / "data", home)
        owner = (stores.postgres.directory / "data").stat()
        os.chown(home, owner.st_uid, owner.st_gid)
        place.chmod(0o755)
        ask(url, f"CREATE TABLESPACE small LOCATION '{home}'")
        month = f"audit_events_{datetime.now(UTC):%Y_%m}"
        ask(url, f"ALTER TABLE {month} SET TABLESPACE small")
        try:
            yield disk
        finally:
            disk.make_room()
            ask(url, f"ALTER TABLE {month} SET TABLESPACE pg_default")
            ask(url, "DROP TABLESPACE small")
    finally:
        subprocess.run(["umount", str(place)], check=True)
        place.rmdir()


def test_a_full_disk_gives_no_token(
    small_disk: SmallDisk, rp: RelyingParty, person: Person, backroom: Backroom
) -> None:
    """What still fits is written; then each request for a token is 503, and has no event either; pages still show."""
    own = tokens(rp, person, (SOURCE,), "openid 51")
    before = len(backroom.events("token.issued"))
    small_disk.fill()
    answers: list[requests.Response] = []
    while not answers or answers[-1].status_code == 200:
        answers.append(rp.exchange(own["access_token"], SOURCE))
        assert len(answers) < 500, "the disk never filled up"
    *given, refused = answers
    assert (refused.status_code, refused.json()["error"]) == (503, "temporarily_unavailable")
    assert "access_token" not in refused.json()
    assert int(refused.headers["Retry-After"]) > 0
    assert len(backroom.events("token.issued")) == before + len(given)
    # Its event is smaller: what is left of the last page may take some.
    held, refreshed = own["refresh_token"], 0
    while (answer := rp.refresh(held)).status_code == 200:
        held, refreshed = answer.json()["refresh_token"], refreshed + 1
        assert refreshed < 50, "the disk never filled up"
    assert answer.status_code == 503
    assert rp.introspect(own["access_token"]).json()["active"] is True, "what only reads goes on"
    assert person.open(f"{rp.issuer}/hulp").status == 200

    small_disk.make_room()
    assert rp.exchange(own["access_token"], SOURCE).status_code == 200
    assert rp.refresh(held).status_code == 200, "the refusal used nothing up"
    assert len(backroom.events("token.issued")) == before + len(given) + refreshed + 2
