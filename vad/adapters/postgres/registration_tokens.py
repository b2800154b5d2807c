"""Initial access tokens (RFC 7591 section 3), made by an operator with the role that migrates.

The worker takes them away again. What their apps and the log say of them stands there.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, delete, func, insert, literal_column, or_

from vad.adapters.postgres.audit import PostgresAuditLog
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.registration_rows import RegistrationTokenRow
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.registration_events import RegistrationTokenIssued

_TOKENS = table(RegistrationTokenRow)
_ISSUE = Query(insert(_TOKENS).values({column.name: bindparam(column.name) for column in _TOKENS.c}))

_KEPT = timedelta(days=1)
"""So long after it ended, or after it was issued where nothing is left of it: an operator may still look for it."""
# A clock of ours that runs ahead takes none that lives.
_BEFORE = func.least(bindparam("before"), func.now())
_FORGET = Query(
    delete(_TOKENS).where(
        or_(
            _TOKENS.c.expires_at < _BEFORE,
            and_(_TOKENS.c.uses_left == literal_column("0"), _TOKENS.c.issued_at < _BEFORE),
        )
    )
)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a token allows."""

    profile: str
    organisation: str
    uses: int
    expires_at: datetime
    admits: bool
    """Its apps are admitted to every source at once: for a sandbox."""
    label: str = ""
    """What the operator calls it: staff see it with its apps."""


def issue(database: Database, token: str, offer: Offer, at: datetime) -> None:
    """Keep the hash of a new token, with its event."""
    token_hash = hashlib.sha256(token.encode()).digest()
    with Transaction(database) as transaction:
        transaction.change(
            _ISSUE,
            token_sha256=token_hash,
            profile=offer.profile,
            organisation=offer.organisation,
            admits=offer.admits,
            uses_left=offer.uses,
            issued_at=at,
            expires_at=offer.expires_at,
            label=offer.label,
        )
        evidence = {
            "token": token_hash.hex()[:16],
            "profile": offer.profile,
            "uses": offer.uses,
            "expires_at": offer.expires_at.isoformat(),
            "admits": offer.admits,
        }
        log = PostgresAuditLog(transaction)
        log.append(RegistrationTokenIssued(evidence=evidence), at=at)
        log.commit()


@dataclass(frozen=True, slots=True)
class SpentRegistrationTokens:
    """A chore of the worker: tokens whose time is over, and those that were used as often as they may be."""

    database: Database

    def __call__(self, at: datetime) -> int:
        """Take away those that open nothing any more; how many."""
        with Transaction(self.database) as transaction:
            gone = transaction.count(_FORGET, before=at - _KEPT)
            transaction.commit()
        return gone
