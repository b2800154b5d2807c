"""Whoever looks for a BSN where none may be: in what people saw and were sent, in the logs, and in the stores."""

from typing import cast
from urllib.parse import urlsplit

import requests
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

    def __init__(self, backroom: Backroom) -> None:
        self._backroom = backroom
        self.people: list[Person] = []
        self.responses: list[requests.Response] = []

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

    def scan_tables(self, *filled: str) -> None:
        """Look at every table; those that are named hold something."""
        for table, dump in _dump(self._backroom).items():
            assert table not in filled or dump, table
            assert found(dump, BSNS) == [], table


def held_in_redis(backroom: Backroom) -> dict[bytes, bytes]:
    """Every key of Redis, and what stands under it."""
    return {key: _value(backroom, key) for key in backroom.redis.client.scan_iter(count=1000)}


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
    tables = ask(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
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
