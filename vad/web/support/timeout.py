"""When the login of this page ends, for its warning (P16), and where to go once it has ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import g, url_for

from vad.domain.session import IDLE_LIFE, Session

WARNING = timedelta(minutes=2)
"""Before the end (WCAG 2.2.1)."""


@dataclass(frozen=True)
class Timeout:
    """What the script of the page counts down from, in seconds, and the addresses that it uses."""

    idle: int
    left: int
    """Until the absolute end, which nothing moves."""
    warn: int
    renew: str
    expired: str
    minutes: int = 120
    """From the login to the absolute end."""
    keep: str = ""
    """The field with which a form that somebody types in is sent to be kept; empty where a page says so itself."""


def timeout(
    session: Session | None, at: datetime, *, flow: str | None = None, page: str | None = None
) -> Timeout | None:
    """For a page of this session, which is one of a flow or VAD's own `page`; None without a session.

    The policy of this answer then lets the script run.
    """
    if session is None:
        return None
    g.page_script = True
    return Timeout(
        idle=int(IDLE_LIFE.total_seconds()),
        left=int((session.ends_at - at).total_seconds()),
        warn=int(WARNING.total_seconds()),
        renew=url_for("expiry.renew"),
        expired=url_for("expiry.expired", flow=flow, pagina=page),
    )
