"""A signed export while the reader is slow and PostgreSQL restarts: whole, or seen to be broken; others get on."""

import io
import json
import socket
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from tests.faults.serving import Served, Start
from tests.support.backroom import Backroom
from tests.support.colleague import Colleague
from tests.support.database import ask
from tests.support.own_stores import Stores
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.log_sealer import PostgresSealedLog
from vad.adapters.tlog.ed25519 import CheckpointKey

pytestmark = pytest.mark.slow

EVENTS = 15_000
_FILL = """
    INSERT INTO audit_events (event_id, recorded_at, type, outcome, actor, represented, client_id, resource, evidence)
    SELECT gen_random_uuid(), now(), 'token.issued', 'success', gen_random_uuid(), gen_random_uuid(),
        'https://app.example', 'https://source.example', jsonb_build_object('jti', sha256(n::text::bytea)::text)
    FROM generate_series(1, %s) AS n
"""
_WHY = {"reason": "Yearly look at what was done", "case_number": "AUD-2026-1", "format": "jsonl"}
_FIRST = 64 * 1024
_BUFFER = 16 * 1024
"""Bytes that the reader's side takes in without being read: the rest of an export can't get anywhere."""
_MOST_GROWN = 24.0
"""MiB: more than a new process takes to warm up, and far less than what an export holds."""


class LittleBuffer(HTTPAdapter):
    """Connections on which little is under way."""

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
        """Make them so."""
        options = [(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)]
        super().init_poolmanager(*arguments, socket_options=options, **more)


@pytest.fixture
def auditor(colleague: Colleague, stores: Stores) -> Colleague:
    """Give one, logged in; the log holds more than any buffer on the way does."""
    assert stores
    url = colleague.town.database.migrate_url
    ask(url, _FILL, (EVENTS,))
    database = Database(colleague.town.database.worker_url)
    sealed, key = PostgresSealedLog(database), CheckpointKey.from_text(CheckpointKey.generate_text("log.example/vad"))
    while sealed.seal(key, datetime.now(UTC)).more:
        pass
    database.close()
    colleague.log_in_as("tom")
    colleague.go("/logboek/export")
    return colleague


def begun(served: Served, auditor: Colleague) -> requests.Response:
    """An export of which nothing was read yet."""
    form, headers = {"csrf_token": auditor.csrf_token, **_WHY}, {"Origin": auditor.admin}
    session = requests.Session()
    session.mount("http://", LittleBuffer())
    session.cookies.update(auditor.cookies)
    answer = session.post(f"{served.address}/logboek/export", form, headers=headers, stream=True, timeout=60)
    assert answer.headers["Content-Type"] == "application/zip", answer.text
    return answer


def resident(served: Served, what: str) -> float:
    """MiB of the largest process: now (`VmRSS`), or when it was largest (`VmHWM`)."""
    lines = (line for pid in served.workers() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return max(int(line.split()[1]) for line in lines if line.startswith(f"{what}:")) / 1024


def finished(backroom: Backroom) -> list[int]:
    """How many events the exports held that came to their end."""
    return [event["evidence"]["events"] for event in backroom.events("log.export_finished")]


def test_an_export_is_whole_or_seen_to_be_broken(
    start: Start, stores: Stores, auditor: Colleague, backroom: Backroom
) -> None:
    """Somebody stops reading: another export is whole meanwhile, in little memory. A restart breaks off the first."""
    served = start(admin=True)
    before = resident(served, "VmRSS")
    with closing(begun(served, auditor)) as slow:
        pieces = slow.iter_content(_FIRST)
        read = next(pieces)
        assert read.startswith(b"PK")
        whole = begun(served, auditor).content
        assert_whole(whole)
        assert len(whole) > 100 * _BUFFER
        [known] = finished(backroom)
        assert known > EVENTS
        stores.postgres.stop()
        stores.postgres.start()
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            read += b"".join(pieces)
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(read))
    served.until(lambda: served.ready() == 200)
    assert_whole(begun(served, auditor).content)
    assert len(backroom.events("log.exported")) == 3
    assert len(finished(backroom)) == 2
    assert resident(served, "VmHWM") - before < _MOST_GROWN


def assert_whole(content: bytes) -> None:
    """All that belongs to it is there, and says how much that is."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        told = json.loads(archive.read("manifest.json"))
        assert archive.read("manifest.jws").count(b".") == 2
        with archive.open("events.jsonl") as events, archive.open("proofs.jsonl") as proofs:
            assert told["events"] == sum(1 for _ in events) == sum(1 for _ in proofs) > EVENTS
