"""What serves people puts messages in the outbox, and can't take one out: an alarm about it stays there."""

from vad.adapters.postgres.migrations.permissions import take_from_app

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None
contract = """
Since 0030 the worker has a role of its own, which alone delivers the outbox and ends requests of staff by the clock.
"""


def upgrade() -> None:
    take_from_app("UPDATE (due_at, attempts, state), DELETE", "outbox")
    take_from_app("SELECT (request_id, kind, state, expires_at), UPDATE (state)", "staff_requests")
