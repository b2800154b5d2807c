"""A look behind VAD's pages, for tests: the log, the stores, and what nobody could do from outside."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import pytest

from tests.support.database import ask
from tests.support.person import FROUKE
from tests.support.town import Town
from vad.adapters.jose.handles import SivHandles
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.sessions import RedisSessions
from vad.adapters.redis.subject_cache import RedisSubjectCache
from vad.adapters.vault.person_references import AesPersonReferences
from vad.bootstrap import registers
from vad.bootstrap.foundation import Foundation, lay_foundation
from vad.bootstrap.redis import connection as redis_connection
from vad.bootstrap.security_events import mandate_end
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import Bsn, PersonId
from vad.domain.parental_authority import AuthorityKind, AuthorityRelation
from vad.domain.person import Evidence
from vad.services.mandate_upkeep import MandateUpkeep
from vad.services.upkeep import Upkeep

Row = dict[str, Any]


@dataclass
class Backroom:
    """What stands behind one town. Events are those since it was opened."""

    town: Town
    foundation: Foundation
    redis: RedisConnection
    since: int
    """The transaction from which on events count: other tests may have moved the clock."""

    @property
    def sessions(self) -> RedisSessions:
        """The sessions as VAD keeps them."""
        return RedisSessions(self.redis, StoreKeys(self.foundation.keyring))

    def make_idle(self, cookie: str) -> None:
        """Let the person of this session cookie have done nothing for more than 15 minutes."""
        self.change_session(cookie, last_active=datetime.now(UTC) - timedelta(minutes=16))

    def end_session(self, cookie: str) -> None:
        """Let the session of this cookie be over and gone, as if somebody had logged out elsewhere."""
        known = self.sessions.get(cookie)
        assert known is not None
        self.sessions.end(known.sid)
        self.sessions.remove(self.sessions.place(cookie))

    def change_session(self, cookie: str, **changes: Any) -> None:
        """Let the session of this cookie be another one than it is, in these fields."""
        assert self.sessions.update(cookie, lambda known: replace(known, **changes)) is not None

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement as somebody who may do anything to the database."""
        return ask(self.town.database.superuser_url, statement, values)

    def events(self, *types: str) -> list[Row]:
        """The audit events of these types, oldest first; those of one transaction as they were written."""
        statement = (
            "SELECT row_to_json(e) FROM audit_events e"
            " WHERE txid::text::bigint > %s AND type = ANY(%s) ORDER BY recorded_at, txid::text::bigint, ctid"
        )
        return [row for (row,) in self.ask(statement, self.since, list(types))]

    def person_id(self, bsn: str) -> PersonId:
        """Whom VAD knows by this BSN."""
        with self.foundation.work() as tx:
            person = tx.persons.find_or_add(Bsn(bsn), datetime.now(UTC))
            tx.commit()
        return person.person_id

    def reference(self, bsn: str) -> str:
        """What staff call the person with this BSN."""
        return AesPersonReferences(self.foundation.keyring).of(self.person_id(bsn))

    def evidence(self, bsn: str) -> Evidence | None:
        """What VAD keeps of the register's answer about this person."""
        with self.foundation.work() as tx:
            return tx.persons.find_or_add(Bsn(bsn), datetime.now(UTC)).evidence

    def keep_evidence(self, bsn: str, evidence: Evidence) -> None:
        """Let the register have said this of the person."""
        person_id = self.person_id(bsn)
        with self.foundation.work() as tx:
            tx.persons.keep_evidence(person_id, evidence)
            tx.commit()

    def forget_evidence(self, bsn: str) -> None:
        """Let the register have said nothing of the person yet."""
        self.ask(
            "UPDATE persons SET evidence_sealed = NULL, evidence_key_id = NULL WHERE person_id = %s",
            str(self.person_id(bsn)),
        )

    def forget_names(self) -> None:
        """Let the minutes be over in which a name is at hand."""
        for key in list(self.redis.client.scan_iter("vad:*:name")):
            self.redis.client.delete(key)

    def forget_minors(self) -> None:
        """Let the quarter of an hour be over in which the register's answers about minors are at hand."""
        for kind in ("subject", "minors_of"):
            for key in list(self.redis.client.scan_iter(f"vad:*:{kind}")):
                self.redis.client.delete(key)

    def wait_for_brp(self) -> None:
        """Let the seconds pass in which VAD leaves the BRP alone, after a test in which that kept failing."""
        register = self.town.app.extensions["vad.services"].acting.representation.register
        until = time.monotonic() + 20
        while True:
            try:
                register.look_up(Bsn(FROUKE), datetime.now(UTC))
            except RegisterUnavailableError:
                assert time.monotonic() < until, "the BRP gives no answer"
                time.sleep(0.1)
            else:
                return

    def change_minor(self, person_id: PersonId, holder: Bsn) -> None:
        """Let the register have said of this minor that another person alone holds authority over them."""
        cache = RedisSubjectCache(self.redis, StoreKeys(self.foundation.keyring), self.foundation.keys)
        known = cache.get(person_id)
        assert known is not None
        relation = AuthorityRelation(AuthorityKind.ONE_PARENT, known.authority.child, frozenset({holder}))
        cache.keep(person_id, replace(known, authority=replace(known.authority, relations=(relation,))))

    def handle(self, bsn: str, flow: str) -> str:
        """How a form of this flow would name this person."""
        return SivHandles(self.foundation.keys).owner(self.person_id(bsn), flow)

    @cached_property
    def worker(self) -> Foundation:
        """What `vad worker` stands on: the town by a role of its own."""
        return lay_foundation(self.town.settings, "worker", self.town.database.worker_url)

    def upkeep(self) -> Upkeep:
        """What `vad worker` does, over this town."""
        return Upkeep(self.worker.work, {}, time.monotonic)

    def mandate_upkeep(self) -> MandateUpkeep:
        """What `vad worker` does about mandates, over this town."""
        brp = registers.caller(self.worker, "brp")
        return MandateUpkeep(self.worker.work, registers.persons(self.town.settings, brp), mandate_end(self.worker))

    def change_mandates(self, what: str, *values: Any) -> None:
        """Write what no program may: the past of mandates, for tests that can't wait for it."""
        self.ask("ALTER TABLE mandates DISABLE TRIGGER check_mandate")
        try:
            self.ask(f"UPDATE mandates SET {what}", *values)  # noqa: S608 - of a test
        finally:
            self.ask("ALTER TABLE mandates ENABLE ALWAYS TRIGGER check_mandate")

    def forget_assents(self) -> None:
        """Let no child have agreed that a parent sees anything."""
        self.ask("DELETE FROM assents")

    def forget_mandates(self) -> None:
        """Let nobody have authorised anybody, nor have begun to, nor have tried a code."""
        for name in self.redis.client.scan_iter(match="*:mandate_draft", count=1000):
            self.redis.client.delete(name)
        self.ask("UPDATE grants SET mandate_id = NULL WHERE mandate_id IS NOT NULL")
        self.ask("DELETE FROM permissions")
        self.ask("DELETE FROM mandate_letters")
        self.ask("DELETE FROM legal_mandates")
        self.ask("DELETE FROM mandates")
        # The log is append-only, to its owner as well: the tests of one day are more than one person may try.
        self.ask(
            "ALTER TABLE audit_events DISABLE TRIGGER append_only_rows;"
            " DELETE FROM audit_events WHERE type IN ('mandate.code_refused', 'mandate.letter_asked');"
            " ALTER TABLE audit_events ENABLE ALWAYS TRIGGER append_only_rows"
        )

    def forget_requests(self) -> None:
        """Let nobody of the staff have asked for what takes two: what was decided is kept for good otherwise."""
        self.ask("ALTER TABLE staff_requests DISABLE TRIGGER append_only_rows")
        self.ask("DELETE FROM staff_requests")
        self.ask("ALTER TABLE staff_requests ENABLE ALWAYS TRIGGER append_only_rows")

    def forget_consents(self) -> None:
        """Let nobody have agreed to anything."""
        self.ask("DELETE FROM consents")


@pytest.fixture
def backroom(vad_town: Town) -> Iterator[Backroom]:
    """Give the town's back room, for one test."""
    foundation = lay_foundation(vad_town.settings)
    redis = redis_connection(vad_town.settings.redis)
    ((since,),) = ask(vad_town.database.superuser_url, "SELECT pg_current_xact_id()::text::bigint")
    room = Backroom(vad_town, foundation, redis, since)
    yield room
    redis.close()
    foundation.database.close()
    if "worker" in vars(room):
        room.worker.database.close()


@pytest.fixture
def no_mandates(backroom: Backroom) -> Iterator[None]:
    """Let nobody act on a mandate, before and after, and nobody be told of one."""
    backroom.forget_mandates()
    yield
    backroom.ask("DELETE FROM outbox; DELETE FROM notices")
    backroom.forget_mandates()
