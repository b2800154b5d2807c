"""Filling a database, batch by batch: each commits as a whole, so that whoever is stopped goes on where it was."""

from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import psycopg2
from psycopg2 import errors, extensions

from vad.adapters.postgres.database import parse
from vad.adapters.postgres.persons import PostgresPersons
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.sealing import Sealer
from vad.bootstrap.foundation import Foundation, lay_foundation, master_key
from vad.domain.identifiers import Bsn
from vad.domain.mandate import Mandate, MandateState
from vad.sandbox.errors import SandboxError
from vad.sandbox.load import numbers
from vad.sandbox.load.copying import copy
from vad.sandbox.load.people import Batch, People, Places, permission_values
from vad.settings import Settings

_BATCH = 5_000
_KNOWN = "SELECT EXISTS (SELECT FROM persons WHERE bsn_lookup = %s OR bsn_lookup_next = %s)"
# One move each, as where somebody brings a code and then accepts: the triggers see to it.
_REACHED = """
    UPDATE mandates SET representative = of.person, version = version + 1
    FROM unnest(%s::uuid[], %s::uuid[]) AS of (mandate, person) WHERE mandate_id = of.mandate
"""
_ACCEPTED = "UPDATE mandates SET state = 'active', version = version + 1 WHERE mandate_id = ANY(%s::uuid[])"
_FILLED = "persons, consents, mandates, permissions"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many there are to be of each."""

    persons: int
    mandates: int
    consents: int

    def batches(self, first: int) -> Iterator[Batch]:
        """What there is to do from this person on; the rest is shared out evenly over all of them."""
        for begin in range(first, self.persons, _BATCH):
            end = min(begin + _BATCH, self.persons)
            share = partial(self._share, begin, end)
            yield Batch(begin, end - begin, share(self.mandates), share(self.consents))

    def _share(self, begin: int, end: int, total: int) -> int:
        return total * end // self.persons - total * begin // self.persons


def open_sandbox(settings: Settings) -> Foundation:
    """The stores of a sandbox. Raises `SandboxError` for anything that may be more, `VaultError` where keys don't open.

    The master key tells: one that anybody may know opens nothing but what a sandbox made, and production refuses it.
    """
    if settings.service.deployment == "production" or not master_key(settings).demo:
        raise SandboxError("this is no sandbox: its deployment is production, or its master key not one of a demo")
    return lay_foundation(settings)


class Loader:
    """Fills the database of one sandbox. Raises `SandboxError`."""

    def __init__(self, foundation: Foundation) -> None:
        keys, stores = foundation.keys, foundation.settings.database
        if stores.migrate_url is None:
            raise SandboxError("set database.migrate_url: the role that owns the schema looks through it afterwards")
        self._app, self._owner = stores.url.get_secret_value(), stores.migrate_url.get_secret_value()
        self._lookup = BsnLookup(keys)
        registered = foundation.registrations
        places = Places.of(registered.clients(), registered.resource_servers())
        # Nothing is asked of this store: it says what rows hold.
        store = PostgresPersons(Transaction(foundation.database), Sealer(keys), self._lookup)
        self._people = People(store, keys, places, datetime.now(UTC))

    def first_lacking(self, most: int) -> int:
        """How many of the first `most` persons are there: batches come one after another."""
        with _connected(self._app) as connection:
            return bisect_left(range(most), 1, key=partial(self._lacks, connection))

    def load(self, wanted: Wanted, first: int) -> Iterator[int]:
        """Add what is wanted from this person on; says after each batch how many persons that were."""
        with _connected(self._app) as connection:
            for batch in wanted.batches(first):
                try:
                    self._add(connection, batch)
                except errors.UniqueViolation:
                    raise SandboxError(
                        "somebody is there already whom this command did not load: begin with an empty database"
                    ) from None
                yield batch.persons

    def look_through(self) -> None:
        """Let PostgreSQL count what there is, and clear away the versions that moves left behind."""
        with _connected(self._owner) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f"VACUUM (ANALYZE) {_FILLED}")

    def _lacks(self, connection: extensions.connection, number: int) -> bool:
        first, second = self._lookup.of(Bsn(numbers.nth(number)))
        with connection.cursor() as cursor:
            cursor.execute(_KNOWN, (first.value, second.value))
            return cursor.fetchone() == (False,)

    def _add(self, connection: extensions.connection, batch: Batch) -> None:
        people = self._people.persons(batch)
        ids = [person["person_id"] for person in people]
        mandates = self._people.mandates(batch, ids)
        with connection, connection.cursor() as cursor:
            copy(cursor, "persons", people)
            copy(cursor, "consents", list(self._people.consents(batch, ids, mandates)))
            copy(cursor, "mandates", list(map(self._people.offer_values, mandates)))
            copy(cursor, "permissions", [row for each in mandates for row in permission_values(each)])
            _accept(cursor, [each for each in mandates if each.state is MandateState.ACTIVE])


def _accept(cursor: extensions.cursor, mandates: list[Mandate]) -> None:
    these = [str(each.mandate_id) for each in mandates]
    cursor.execute(_REACHED, (these, [str(each.representative) for each in mandates]))
    cursor.execute(_ACCEPTED, (these,))


@contextmanager
def _connected(url: str) -> Iterator[extensions.connection]:
    """A connection for COPY, which the stores have no use for. Raises `SandboxError`."""
    try:
        connection = psycopg2.connect(parse(url).set(drivername="postgresql").render_as_string(hide_password=False))
    except psycopg2.OperationalError:
        raise SandboxError("PostgreSQL does not answer: does the sandbox run?") from None
    try:
        yield connection
    finally:
        connection.close()
