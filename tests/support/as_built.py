"""The stores of a town as they were when it was built: what a file of tests finds there, no file before it has left.

What VAD and the mocks hold in memory stays: what the post box was sent, how a mock misbehaves, and VAD's own keys.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from psycopg2 import sql

from tests.support.database import ask
from tests.support.town import Town
from vad.bootstrap.redis import connection

_KEPT = ("alembic_version", "configuration_version", "keys")
"""VAD's own keys stay, as its programs hold them; a version only counts up."""
_REGISTRATIONS = frozenset({"admissions", "client_registrations", "clients", "data_services", "resource_servers"})
_TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> ALL (%s)
"""
# Each part of the log has its own. Those that refuse TRUNCATE, whether or not a test left them awake.
_GUARDS = "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgtype & 32 <> 0"
_DIFFERS = """
    SELECT {0} WHERE EXISTS (
        (TABLE public.{1} EXCEPT ALL TABLE as_built.{1}) UNION ALL (TABLE as_built.{1} EXCEPT ALL TABLE public.{1})
    )
"""
_REFILL = "INSERT INTO public.{0} SELECT * FROM as_built.{0} WHERE NOT EXISTS (SELECT FROM public.{0})"


@dataclass(frozen=True)
class AsBuilt:
    """What one town held in its stores before anybody came."""

    town: Town
    tables: tuple[str, ...]

    @classmethod
    def of(cls, town: Town) -> Self:
        """Remember it: every table has a copy in a schema of its own."""
        url = town.database.superuser_url
        tables = tuple(name for (name,) in ask(url, _TABLES, (list(_KEPT),)))
        ask(url, "CREATE SCHEMA as_built")
        for name in tables:
            ask(url, sql.SQL("CREATE TABLE as_built.{0} AS TABLE public.{0}").format(sql.Identifier(name)))
        return cls(town, tables)

    def restore(self) -> None:
        """Let nothing have happened since."""
        url = self.town.database.superuser_url
        differs = sql.SQL(_DIFFERS)
        asked = (differs.format(sql.Literal(name), sql.Identifier(name)) for name in self.tables)
        changed = [name for (name,) in ask(url, sql.SQL("UNION ALL").join(asked))]
        if changed:
            with self._unguarded():
                listed = sql.SQL(", ").join(map(sql.Identifier, changed))
                # With what points at them: that is filled again too.
                ask(url, sql.SQL("TRUNCATE {} CASCADE").format(listed))
                refill = [sql.SQL(_REFILL).format(sql.Identifier(name)) for name in self.tables]
                ask(url, sql.SQL(";").join([sql.SQL("SET session_replication_role = replica"), *refill]))
        if _REGISTRATIONS.intersection(changed):
            ask(url, "UPDATE configuration_version SET version = version + 1")
        redis = connection(self.town.settings.redis)
        for key in redis.client.scan_iter(match="vad:*", count=1000):
            redis.client.delete(key)
        redis.close()

    @contextmanager
    def _unguarded(self) -> Iterator[None]:
        """The log is append-only, to its owner as well: what guards it stands aside inside the block."""
        guards = ask(self.town.database.superuser_url, _GUARDS)
        self._let("DISABLE", guards)
        try:
            yield
        finally:
            self._let("ENABLE ALWAYS", guards)

    def _let(self, state: str, guards: list[tuple[str, str]]) -> None:
        alter = sql.SQL(f"ALTER TABLE {{}} {state} TRIGGER {{}}")
        changes = (alter.format(sql.Identifier(table), sql.Identifier(name)) for table, name in guards)
        ask(self.town.database.superuser_url, sql.SQL(";").join(changes))
