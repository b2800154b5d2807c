"""The log of the demo: whole, and not whole any more once somebody changed one event in a copy of it."""

import re
import time
from collections.abc import Callable

from sqlalchemy import text

from vad import settings
from vad.adapters.postgres.database import Database, Limits
from vad.adapters.postgres.log_reader import PostgresLogReader
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.tlog.ed25519 import verify
from vad.bootstrap.log_keeping import known_keys, log_database, published
from vad.domain.checkpoint import SignedCheckpoint
from vad.sandbox.demo.configuration import Configuration
from vad.sandbox.demo.steps import CheckFailedError
from vad.services.log_report import Fault, Report
from vad.services.log_verifying import LogVerification, Trusted

_TABLES = (
    "audit_events",
    "audit_erasable",
    "log_leaves",
    "log_tiles",
    "log_checkpoints",
    "log_purges",
    "log_thinnings",
)
_PATIENCE, _BETWEEN = 20.0, 0.25
_PLACE = "SELECT leaf_index, event_id::text FROM log_leaves ORDER BY leaf_index LIMIT 1 OFFSET 2"
_EVERYTHING = "SELECT event_id::text, to_jsonb(audit_events)::text FROM audit_events"
_TOKEN = re.compile(r"eyJ[\w-]{10,}\.")
"""How the header of a JWT begins."""
_CHANGE = "UPDATE audit_events SET reason = 'by hand' WHERE event_id = CAST(:id AS uuid)"


class LogSteps:
    """What an auditor does, and what somebody does who would rather not be found."""

    def __init__(self, configuration: Configuration) -> None:
        self._folders = configuration.folders
        persons = configuration.persons
        self._personal = {each.bsn for each in persons} | {each.full_name for each in persons}

    def all(self) -> list[tuple[str, Callable[[], None]]]:
        """The steps, in order."""
        return [
            ("Every event is sealed, published outside the database, and the log is whole", self._whole),
            ("No event tells a BSN, a name or a token", self._bare),
            ("Somebody changes one event in a copy of the log: verifying names it", self._tampered),
        ]

    def _whole(self) -> None:
        until = time.monotonic() + _PATIENCE
        while (newest := self._published()) is None:
            if time.monotonic() >= until:
                raise CheckFailedError(f"no checkpoint was published in {_PATIENCE:.0f} seconds")
            time.sleep(_BETWEEN)
        known = settings.load(self._folders)
        with Transaction(log_database(known)) as transaction:
            report = self._verify(transaction, known, newest)
        if report.trouble:
            raise CheckFailedError(f"event {report.found[0].index}: {report.found[0].text}")
        if report.checked == 0:
            raise CheckFailedError("no event was sealed")

    def _bare(self) -> None:
        """Over everything that this demo has done (rule 41): what may have to be erased stands apart."""
        with Transaction(log_database(settings.load(self._folders))) as transaction:
            for event, told in transaction.read(Query(text(_EVERYTHING))):
                if _TOKEN.search(told) or any(each in told for each in self._personal):
                    raise CheckFailedError(f"event {event} tells whom it is about, or has a token")

    def _tampered(self) -> None:
        """The copy is of this connection alone, and gone with it: the log itself can't be changed so."""
        known = settings.load(self._folders)
        database = _owner(known)
        with Transaction(database) as transaction:
            for table in _TABLES:
                transaction.change(Query(text(f"CREATE TEMPORARY TABLE {table} AS SELECT * FROM {table}")))  # noqa: S608
                if table.startswith("audit"):
                    transaction.change(Query(text(f"CREATE INDEX ON {table} (event_id)")))
            [[index, event]] = transaction.change(Query(text(_PLACE)))
            if transaction.count(Query(text(_CHANGE)), id=event) != 1:
                raise CheckFailedError("there was no event to change")
            transaction.commit()
        with Transaction(database) as transaction:
            report = self._verify(transaction, known, self._published())
        database.close()
        found = [(each.index, each.fault, each.event_id) for each in report.found[:1]]
        if found != [(index, Fault.CHANGED, event)]:
            raise CheckFailedError("the change was not found")

    def _published(self) -> SignedCheckpoint | None:
        outside = published(settings.load(self._folders))
        return outside.latest() if outside else None

    @staticmethod
    def _verify(transaction: Transaction, known: settings.Settings, newest: SignedCheckpoint | None) -> Report:
        outside = [newest] if newest is not None else []
        trusted = Trusted(keys=known_keys(known), verify=verify, outside=outside)
        return LogVerification(PostgresLogReader(transaction), trusted, lambda *_: None).run()


def _owner(known: settings.Settings) -> Database:
    """Whoever owns the tables, on one connection: the role of the service may not even make a copy."""
    url = known.database.migrate_url
    if url is None:
        raise CheckFailedError("database.migrate_url is not set")
    return Database(url.get_secret_value(), Limits(connections=1))
