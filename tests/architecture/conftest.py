"""What the tests about the whole need of others."""

from tests.support.database import database, migrated_template

__all__ = ["database", "migrated_template"]
