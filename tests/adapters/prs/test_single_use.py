"""No reference of the PRS leaves twice, whatever the service does and whichever process asks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, Response, request

from tests.adapters.prs.test_prs_pseudonyms import BSN, connector, source
from tests.adapters.redis.volatile_stores import Server, fresh_keyring
from vad.adapters.prs.single_use import REMEMBERED, SingleUse
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.replay import RedisReplayGuard
from vad.domain.errors import RegisterUnavailableError, StoreUnavailableError
from vad.sandbox.ports import free_port
from vad.sandbox.serving import serve

AT = datetime(2026, 11, 28, tzinfo=UTC)
LONGEST_TOKEN = timedelta(seconds=300)


@pytest.fixture
def forgetful() -> Iterator[str]:
    """Give a service that gives everybody the same reference for one scope, as a hash would."""
    app = Flask("forgetful")

    @app.post("/exchange/rid")
    def exchange() -> Response:
        assert not request.query_string
        return Response(f"a.b.c.d.{request.get_json()['recipientScope']}", 201, content_type="application/jwe")

    with serve(app) as url:
        yield url


def test_a_reference_that_comes_back_is_refused(forgetful: str, redis_server: Server) -> None:
    """By every process, for longer than a token with it lives; and what Redis remembers is no reference."""
    redis, keys = RedisConnection.open(redis_server.url), StoreKeys(fresh_keyring())
    first, second = (SingleUse(connector(forgetful), RedisReplayGuard(redis, keys)) for _ in range(2))
    assert first.rid_for(BSN, source(scope="one"), AT) == "a.b.c.d.one"
    for asking in (first, second):
        with pytest.raises(RegisterUnavailableError, match="gave before"):
            asking.rid_for(BSN, source(scope="one"), AT)
    assert second.rid_for(BSN, source(scope="two"), AT) == "a.b.c.d.two"
    assert REMEMBERED > LONGEST_TOKEN
    assert not [name for name in redis.client.scan_iter() if b"a.b.c.d" in name or BSN.reveal().encode() in name]
    redis.close()


def test_without_memory_nothing_leaves(forgetful: str) -> None:
    """Redis away: no reference, rather than one that may have been there before."""
    away = RedisConnection.open(f"redis://127.0.0.1:{free_port()}")
    asking = SingleUse(connector(forgetful), RedisReplayGuard(away, StoreKeys(fresh_keyring())))
    with pytest.raises(StoreUnavailableError):
        asking.rid_for(BSN, source(), AT)
