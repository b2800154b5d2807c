"""What the role that the service logs in with may do. It owns nothing; the migrating role owns everything."""

from alembic import op


def let_app(privileges: str, table: str) -> None:
    """Grant privileges, written as in SQL, on a table or sequence to the role of the service."""
    op.execute(f"GRANT {privileges} ON {table} TO {_app()}")


def take_from_app(privileges: str, table: str) -> None:
    """Take privileges back, written as in SQL."""
    op.execute(f"REVOKE {privileges} ON {table} FROM {_app()}")


def let_app_call(function: str) -> None:
    """Let the role of the service call a function, named with the types of what it takes."""
    let_app("EXECUTE", f"FUNCTION {function}")


def _app() -> str:
    context = op.get_context()
    if context.config is None:
        raise RuntimeError("migrations are run by vad.adapters.postgres.migrate")
    return str(context.dialect.identifier_preparer.quote(context.config.attributes["app_role"]))
