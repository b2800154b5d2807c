"""Keys that an app publishes itself: read when needed, kept for a while, and never on anybody's whim."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from functools import partial
from itertools import count, islice
from threading import Event, Semaphore
from typing import Any

import pytest
from flask import Flask, Response, jsonify, redirect

from tests.adapters.http.wild_server import silent, wild_server
from tests.adapters.jose.assertions_under_test import ENDPOINT, assertion, guard, published
from tests.adapters.jose.conftest import Server
from tests.adapters.jose.tokens_under_test import AT, ISSUER, p256, registered_client
from vad.adapters.http.caller import Limits
from vad.adapters.http.guarded import GuardedCallers
from vad.adapters.jose import published_keys
from vad.adapters.jose.answers import JweAnswers
from vad.adapters.jose.client_assertions import JwtClientAssertions
from vad.adapters.jose.client_signatures import ClientSignatures
from vad.adapters.jose.published_keys import PublishedKeys
from vad.domain.client import MOST_KEYS, Client
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import ClientId
from vad.sandbox.serving import serve

FIRST, SECOND, STRANGER = p256(), p256(), p256()


class App:
    """An app that publishes keys, and the VAD that believes them; each with a clock of the test's."""

    def __init__(self, redis_url: str) -> None:
        self.answer: Any = {"keys": [FIRST[1]]}
        self.asked = 0
        self.now = 0.0
        self.client: Client = registered_client()
        self.published = published(lambda: self.now)
        self.assertions = JwtClientAssertions(ISSUER, ENDPOINT, guard(redis_url), ClientSignatures(self.published))
        self._numbers = count()

    def wsgi(self) -> Flask:
        """What it publishes."""
        app = Flask("app")

        @app.get("/<path:_name>")
        def keys(_name: str) -> Any:
            self.asked += 1
            return self.answer() if callable(self.answer) else jsonify(self.answer)

        return app

    def believed(self, key: tuple[Any, Any], **more: Any) -> bool:
        """Whether an assertion with this key proves that it is the app."""
        made = assertion(key[0], kid=key[1]["kid"], jti=f"number {next(self._numbers)}", **more)
        return self.assertions.verify(self.client, made, AT)


@pytest.fixture
def app(redis_server: Server) -> Iterator[App]:
    """Give an app."""
    app = App(redis_server.url)
    with serve(app.wsgi()) as address:
        app.client = replace(app.client, jwks_uri=f"{address}/keys")
        yield app


def test_what_it_publishes_is_believed_and_nothing_else(app: App) -> None:
    """Keys are asked for once, not for every token; a key of the registration plays no part beside them."""
    assert app.believed(FIRST)
    assert app.believed(FIRST)
    app.client = replace(app.client, jwks=(STRANGER[1],))
    assert not app.believed(STRANGER)
    assert not app.believed((STRANGER[0], FIRST[1]))  # another's signature under the app's name for a key
    app.client = replace(app.client, active=False)
    assert not app.believed(FIRST)
    assert app.asked == 2


def test_a_new_key_is_found_at_once_and_made_up_ones_ask_once_a_minute(app: App) -> None:
    """Whoever makes up names of keys can't make VAD storm the app, nor keep it from its new key for long."""
    assert app.believed(FIRST)
    app.answer = {"keys": [FIRST[1], SECOND[1]]}
    assert app.believed(SECOND)
    assert app.asked == 2
    for _ in range(20):
        assert not app.believed(STRANGER)
    assert app.asked == 2
    app.now = 60.0
    assert not app.believed(STRANGER)
    assert not app.believed(STRANGER)
    assert app.asked == 3
    assert app.believed(FIRST)


def test_a_new_key_is_found_without_a_name_too(app: App) -> None:
    """A signature that names no key looks like a wrong one: keys are read again for it, no oftener than for others."""
    first, second, stranger = ((private, {"kid": None}) for private, _ in (FIRST, SECOND, STRANGER))
    assert app.believed(first)
    app.answer = {"keys": [SECOND[1]]}
    assert app.believed(second)
    for _ in range(20):
        assert not app.believed(stranger)
    assert app.asked == 2


def test_a_key_that_it_withdrew_dies_out(app: App) -> None:
    """Ten minutes later at most."""
    assert app.believed(FIRST)
    app.answer = {"keys": [SECOND[1]]}
    app.now = 599.0
    assert app.believed(FIRST)
    app.now = 600.0
    assert not app.believed(FIRST)
    assert app.believed(SECOND)


def test_while_it_is_away_what_is_known_serves_for_an_hour(app: App) -> None:
    """Then nobody is the app: a key may have been withdrawn. An unknown one may be the app's."""
    assert app.believed(FIRST)
    app.answer = lambda: Response(status=500)
    app.now = 3599.0
    assert app.believed(FIRST)
    for _ in range(2):
        with pytest.raises(RegisterUnavailableError):
            app.believed(SECOND)
    assert app.asked == 2
    app.now = 3601.0
    with pytest.raises(RegisterUnavailableError):
        app.believed(FIRST)
    app.answer = {"keys": [FIRST[1]]}
    app.now = 3604.0
    assert app.believed(FIRST)


@pytest.mark.parametrize(
    "answer",
    [
        [FIRST[1]],
        {"keys": FIRST[1]},
        {"keys": ["key"]},
        {"keys": []},
        {"keys": [{"kty": "oct", "k": "AAAA", "kid": FIRST[1]["kid"]}]},
        {"keys": [{**FIRST[1], "d": "AAAA"}]},
        {"keys": [FIRST[1]] * (MOST_KEYS + 1)},
        {"keys": [FIRST[1]], "padding": "x" * 70_000},
        lambda: redirect("/elsewhere"),
        lambda: Response('{"keys": []}', content_type="text/html"),
        lambda: Response('{"keys": [], "keys": []}', content_type="application/json"),
    ],
)
def test_what_is_no_set_of_public_keys_proves_nothing(app: App, answer: Any) -> None:
    """Whoever publishes a private key, a shared secret or no key is nobody, until they mend it."""
    app.answer = answer
    with pytest.raises(RegisterUnavailableError):
        app.believed(FIRST)
    assert app.asked == 1


def test_another_address_forgets_what_the_first_said(app: App) -> None:
    """Staff moved the app to another address: a key that only the first published counts no more."""
    assert app.believed(FIRST)
    app.answer = {"keys": [SECOND[1]]}
    app.client = replace(app.client, jwks_uri=app.client.jwks_uri.replace("keys", "others"))
    assert not app.believed(FIRST)
    assert app.believed(SECOND)


def test_an_app_that_hangs_holds_one_thread(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever needs its keys: one reads, those with it wait a moment, later ones not at all. Another app is read."""
    monkeypatch.setattr(published_keys, "_WAIT", 0.2)
    known = PublishedKeys(GuardedCallers("keys of", Limits(total=30.0), loopback=True))
    sealing = replace(app.client, client_id=ClientId("hangs"), userinfo_encrypted_response_alg="ECDH-ES")
    with ThreadPoolExecutor(12) as pool:
        with wild_server(silent) as address:
            hanging = replace(sealing, jwks_uri=f"{address}/keys")
            asked = {pool.submit(JweAnswers(known).userinfo, hanging, "{}", nested=False) for _ in range(12)}
            told = [*islice(as_completed(asked, timeout=20), 11)]
            assert {type(each.exception()) for each in told} == {RegisterUnavailableError}
            assert known.get(app.client) == (FIRST[1],)
            for ask in (known.get, partial(known.newer_than, keys=())):
                with pytest.raises(RegisterUnavailableError, match="somebody else"):
                    ask(hanging)
            assert len([each for each in asked if not each.done()]) == 1
        assert all(each.exception() for each in asked)


def test_a_slow_app_serves_all_who_need_its_keys_at_once(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a first use, and right after it changed its key: whoever comes while its keys are read gets them too."""
    monkeypatch.setattr(published_keys, "_WAIT", 20.0)
    came = Semaphore(0)
    known = PublishedKeys(GuardedCallers("keys of", Limits(total=20.0), loopback=True))

    def slowly() -> Response:
        assert all(came.acquire(timeout=10) for _ in range(16))
        Event().wait(0.1)  # all have come; now they stand where they wait
        return jsonify({"keys": [FIRST[1] if app.asked == 1 else SECOND[1]]})

    def needs(need: Callable[[Client], Any]) -> Any:
        came.release()
        return need(app.client)

    app.answer = slowly
    with ThreadPoolExecutor(16) as pool:
        first = [*pool.map(needs, [known.get] * 16)]
        assert first == [(FIRST[1],)] * 16
        assert [*pool.map(needs, [partial(known.newer_than, keys=first[0])] * 16)] == [(SECOND[1],)] * 16
    assert app.asked == 2


def test_keys_are_not_kept_without_end(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were asked for longest ago go, and are read again."""
    monkeypatch.setattr(published_keys, "MOST_DOORS", 2)
    apps = [replace(app.client, client_id=ClientId(name)) for name in ("one", "two", "one", "three", "one", "two")]
    asked = []
    for each in apps:
        app.published.get(each)
        asked.append(app.asked)
    assert asked == [1, 2, 2, 3, 3, 4]


def test_outside_a_sandbox_this_machine_is_not_asked(app: App) -> None:
    """What is registered leads nowhere inside."""
    closed = PublishedKeys(GuardedCallers("keys of", Limits()))
    with pytest.raises(RegisterUnavailableError):
        closed.get(app.client)
    assert app.asked == 0
