"""Which revisions of the schema this release knows, without Alembic: the web process asks, and never migrates."""

from pathlib import Path

_VERSIONS = Path(__file__).parent / "migrations" / "versions"


def known() -> tuple[str, ...]:
    """Every revision, the oldest first; the last one is the head. The name of a migration's file begins with its own.

    `tests/architecture/test_migrations.py` holds this to what Alembic finds.
    """
    return tuple(sorted(path.name.partition("_")[0].removeprefix("v") for path in _VERSIONS.glob("v[0-9]*.py")))
