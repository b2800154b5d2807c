"""What can be read in Redis, and what happens to values that were lost, broken or planted there."""

from datetime import timedelta
from uuid import UUID

import pytest
import structlog

from tests.adapters.redis.volatile_stores import (
    AT,
    BROWSER,
    CLIENT,
    MINUTE,
    PERSON,
    Stores,
    code_value,
    draft,
    fresh_keyring,
    login,
    logout,
    near,
    request,
    session,
)
from vad.domain.identifiers import ClientId, PersonId, Sid
from vad.services.ports.volatile import PersonName

PLANTED = (
    b"",
    b"null",
    b"{}",
    b"[]",
    b"\xff\xfe",
    b"{",
    b"[" * 100_000,
    b'{"sid":"a","person_id":"x","level":25,"auth_time":"2026-11-21","last_active":"2026-11-21","clients":[]}',
)


def test_a_name_is_cached_sealed(stores: Stores) -> None:
    """Redis sees neither the name nor whose it is; it forgets after 15 minutes."""
    stores.names.keep(PERSON, PersonName("Frouke Jansen-de Groot é"))
    assert near(stores.milliseconds_left("name"), 15 * MINUTE)
    assert stores.names.get(PERSON) == PersonName("Frouke Jansen-de Groot é")
    assert stores.names.get(PersonId(UUID(int=8))) is None
    ((name, value),) = stores.stored().items()
    assert b"Jansen" not in value
    assert PERSON.hex not in name


def test_a_moved_or_foreign_name_is_absent(stores: Stores) -> None:
    """A sealed name opens for its own person alone; what can't be opened counts as absent."""
    other = PersonId(UUID(int=8))
    stores.names.keep(PERSON, PersonName("Frouke"))
    ((first, value),) = stores.stored().items()
    stores.names.keep(other, PersonName("Piet"))
    second = next(name for name in stores.stored() if name != first)
    for planted in (value, b"", b".", b"\xff.\xff", b"nokey." + value, value[:-1]):
        stores.redis.client.set(second, planted)
        assert stores.names.get(other) is None


def test_a_draft_is_sealed_for_its_flow(stores: Stores) -> None:
    """Redis can't read it; one that was moved or altered counts as absent, and is gone."""
    stores.drafts.add("flow", "owner", draft())
    ((first, value),) = stores.stored().items()
    assert b"bron-a" not in value
    stores.drafts.add("another", "owner", draft())
    second = next(name for name in stores.stored() if name != first)
    for planted in (value, value[:-1], value[:32], value[:32] + b"no.key"):
        stores.redis.client.set(second, planted)
        with structlog.testing.capture_logs() as lines:
            assert stores.drafts.take("another", "owner") is None
        assert [(line["event"], line["kind"]) for line in lines] == [("stored_value_not_understood", "ConsentDraft")]
        assert second not in stores.stored()


def test_a_request_to_log_out_is_sealed_under_its_name(stores: Stores) -> None:
    """Redis reads neither which app nor as whom it knows somebody; moved to another name it counts as absent."""
    stores.logouts.add("name", logout(client_id=None))
    assert near(stores.milliseconds_left("logout_request"), 5 * MINUTE)
    ((_, value),) = stores.stored().items()
    assert not any(word in value for word in (b"app.example", b"secret", b"state"))
    stores.logouts.add("another", logout())
    second = next(name for name, other in stores.stored().items() if other != value)
    stores.redis.client.set(second, value)
    assert stores.logouts.take("another") is None
    assert stores.logouts.take("name") == logout(client_id=None)


def test_what_finds_a_value_is_not_in_redis(stores: Stores) -> None:
    """Cookies, flows, DigiD's `state`, codes and person ids can't be read there, so reading Redis opens no session."""
    stores.sessions.add("cookie-secret", session())
    stores.requests.add(request())
    stores.logins.add(login(flow=None))
    stores.codes.add("code-secret", code_value())
    stores.replay.first_use("jti", "jti-secret", AT + timedelta(minutes=5), AT)
    stores.names.keep(PERSON, PersonName("Frouke"))
    stores.drafts.add("flow-secret", "owner-secret", draft())
    stores.logouts.add("logout-secret", logout())
    everything = stores.stored()
    assert len(everything) == 10
    for name, value in everything.items():
        assert b"-secret" not in value
        assert "-secret" not in name
        assert name.startswith("vad:{")
    assert len(Stores.over(stores.redis).stored()) == 10
    assert Stores.over(stores.redis).sessions.get("cookie-secret") is None


def test_every_process_of_an_installation_finds_the_same_values(stores: Stores) -> None:
    """The names hang on the stored key alone."""
    ring = fresh_keyring()
    Stores.over(stores.redis, ring).sessions.add("cookie", session())
    assert Stores.over(stores.redis, ring).sessions.get("cookie") == session()


@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_not_understood_is_absent(stores: Stores, planted: bytes) -> None:
    """Values of another release, or broken ones, count as absent; the log says so without quoting them."""
    stores.sessions.add("cookie", session())
    stores.requests.add(request())
    for name in stores.stored():
        stores.redis.client.set(name, planted)
    with structlog.testing.capture_logs() as lines:
        assert stores.sessions.get("cookie") is None
        assert stores.requests.get(request().flow) is None
    assert {line["event"] for line in lines} == {"stored_value_not_understood"}
    assert {line["kind"] for line in lines} == {"Session", "AuthorizationRequest"}
    assert all(line.keys() == {"event", "kind", "log_level"} for line in lines)


def test_a_flushed_redis_breaks_nothing(stores: Stores) -> None:
    """Everything is absent, scripts included, and new values work at once: people log in again."""
    stores.sessions.add("cookie", session())
    stores.codes.add("code", code_value())
    stores.logins.add(login())
    stores.redis.client.flushall()
    stores.redis.client.script_flush()
    assert stores.sessions.get("cookie") is None
    assert stores.sessions.ended(session().sid)
    assert stores.requests.take("flow") is None
    assert stores.logins.take(login().state, BROWSER) is None
    assert stores.codes.redeem("code", CLIENT) is None
    assert stores.names.get(PERSON) is None
    stores.sessions.update("cookie", lambda _: session())
    assert stores.stored() == {}
    stores.codes.add("code", code_value())
    assert stores.codes.redeem("code", CLIENT) == code_value()


def test_sids_and_clients_of_any_text_survive(stores: Stores) -> None:
    """Odd characters in a value come back as they were."""
    odd = session(sid=Sid('\x00\ud800é"\\'), clients=frozenset({ClientId(""), ClientId("é")}))
    stores.sessions.add("cookie\ud800", odd)
    assert stores.sessions.get("cookie\ud800") == odd
