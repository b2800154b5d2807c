"""Something that happened in a month that is long over: what an operator may take out of the database."""

from tests.support.database import FreshDatabase, ask

_HAPPENED = """
    INSERT INTO audit_events (event_id, recorded_at, type, outcome, evidence)
    VALUES (gen_random_uuid(), %s, 'keys.created', 'success', '{}')
"""


def happened(database: FreshDatabase, month: str) -> int:
    """Let it be there; how much that is by now."""
    url, day = database.superuser_url, f"{month}-15"
    ask(url, "SELECT keep_audit_months(%s::date, %s::date)", (day, day))
    ask(url, _HAPPENED, (day,))
    [(number,)] = ask(url, "SELECT count(*) FROM audit_events WHERE recorded_at = %s", (day,))
    return int(number)
