"""Whoever looks for a BSN where none may be: in what people saw and were sent, in the logs, and in the stores."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
import requests
import structlog
from psycopg2 import sql

from tests.support.backroom import Backroom
from tests.support.bsn_scan import found
from tests.support.database import ask
from tests.support.person import (
    ANNEKE,
    CORNELIA_DECEASED,
    DAAN_16,
    FROUKE,
    GERRIT_WITHOUT,
    HENDRIK,
    IRIS,
    LOTTE_14,
    MILAN_6,
    NOOR_15,
    PIETER,
    ROBIN_UNCERTAIN_AGE,
    SAMIRA,
    SEM_8,
    TOM,
    YUSUF_UNKNOWN_AGE,
    Person,
)

NOBODY = "999998882"
"""No register knows it."""
WILLEM = "999992971"
"""For whom a court named somebody."""
BSNS = (
    *(FROUKE, PIETER, SAMIRA, HENDRIK, NOOR_15, DAAN_16),
    *(CORNELIA_DECEASED, YUSUF_UNKNOWN_AGE, ROBIN_UNCERTAIN_AGE, NOBODY),
    *(IRIS, TOM, SEM_8, LOTTE_14, MILAN_6, ANNEKE, GERRIT_WITHOUT, WILLEM),
)


class Witness:
    """Remembers what everybody saw and was sent."""

    def __init__(
        self,
        backroom: Backroom,
        new_person: Callable[[], Person],
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        self._backroom, self._new_person = backroom, new_person
        self._caplog, self._capfd = caplog, capfd
        self.people: list[Person] = []
        self.responses: list[requests.Response] = []
        self.lines: list[Any] = []
        """What VAD logged."""
        self.redis: dict[bytes, bytes] = {}
        """Every key, and what stood under it at the end."""

    def somebody(self) -> Person:
        """Another person, of whom all that they see is remembered."""
        self.people.append(self._new_person())
        return self.people[-1]

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Hear all that is logged inside the block, and look into Redis at its end."""
        # Whatever an earlier test said of it: the most talkative library must talk.
        self._caplog.set_level(logging.DEBUG, logger="urllib3")
        with self._caplog.at_level(logging.DEBUG), structlog.testing.capture_logs() as lines:
            yield
            self.redis = {key: _value(self._backroom, key) for key in self._backroom.redis.client.scan_iter(count=1000)}
        self.lines = [*lines]

    def scan(self, what: str, text: str | bytes) -> None:
        """There is something to look at, and there is no BSN in it."""
        assert text, what
        assert found(text, BSNS) == [], what

    def scan_all(self, least: int) -> None:
        """Look at every address, and at every answer of VAD and of the app, `least` or more, headers included."""
        urls = [url for person in self.people for url in person.urls]
        assert any("/authorize?" in url for url in urls)
        assert any("/digid/callback?" in url for url in urls)
        self.scan("addresses", "\n".join(urls))
        answers = [answer for person in self.people for answer in person.seen] + self.responses
        # The mock DigiD shows its test persons to choose from: that is its own page, not VAD's.
        digid = urlsplit(self._backroom.town.address("digid")).netloc
        ours = [answer for answer in answers if urlsplit(answer.url).netloc != digid]
        assert len(ours) >= least
        for answer in ours:
            where = f"{answer.request.method} {urlsplit(answer.url).path}"
            self.scan(f"headers of {where}", "\n".join(f"{name}: {value}" for name, value in answer.headers.items()))
            assert found(answer.content, BSNS) == [], f"body of {where}"

    def scan_logs(self, said: str) -> None:
        """Look at all that was written down; `said` is among it."""
        assert any(said in str(line) for line in self.lines)
        self.scan("structured log", json.dumps(self.lines, default=repr))
        assert "urllib3" in self._caplog.text
        self.scan("log of libraries, with the addresses of outgoing calls", self._caplog.text)
        assert found("".join(self._capfd.readouterr()), BSNS) == []

    def scan_redis(self) -> None:
        """Look at every key and every value."""
        assert len(self.redis) > 10
        self.scan("keys of Redis", b"\n".join(self.redis))
        self.scan("values of Redis", b"\n".join(self.redis.values()))

    def scan_tables(self, *filled: str) -> None:
        """Look at every table; those that are named hold something."""
        for table, dump in _dump(self._backroom).items():
            assert table not in filled or dump, table
            assert found(dump, BSNS) == [], table


@pytest.fixture
def witness(
    backroom: Backroom,
    new_person: Callable[[], Person],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> Witness:
    """Give whoever looks, for one test."""
    return Witness(backroom, new_person, caplog, capfd)


def _value(backroom: Backroom, key: bytes) -> bytes:
    """What stands under a key, whatever its type; a DUMP would be compressed."""
    client, kind = backroom.redis.client, backroom.redis.client.type(key)
    if kind == b"hash":
        pairs = cast("dict[bytes, bytes]", client.hgetall(key))
        return b"\n".join(part for pair in pairs.items() for part in pair)
    if kind == b"zset":
        return b"\n".join(cast("list[bytes]", client.zrange(key, 0, -1)))
    assert kind == b"string", kind
    return cast("bytes | None", client.get(key)) or b""


def _dump(backroom: Backroom) -> dict[str, str]:
    """Every row of every table, as text; bytes as hex, and once more decoded, so that no form escapes."""
    url = backroom.town.database.superuser_url
    # `as_built` holds what there was before anybody came.
    of_others = "('pg_catalog', 'information_schema', 'as_built')"
    tables = ask(url, f"SELECT tablename FROM pg_tables WHERE schemaname NOT IN {of_others}")  # noqa: S608 - our own
    dumps = {}
    for (table,) in tables:
        rows = ask(url, sql.SQL("SELECT row_to_json(t)::text FROM {} t").format(sql.Identifier(table)))
        text = "\n".join(row for (row,) in rows)
        dumps[table] = text + "\n".join(_bytes_in(text))
    assert {"persons", "audit_events", "grants", "consents", "outbox", "keys"} <= dumps.keys()
    return dumps


def _bytes_in(text: str) -> list[str]:
    """The bytea values of a dump, decoded."""
    return [bytes.fromhex(part.partition('"')[0]).decode("latin-1") for part in text.split('"\\\\x')[1:]]
