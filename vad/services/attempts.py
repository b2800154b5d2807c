"""Asking for a token: what is known of the attempt, and the one place where a refusal of it becomes an event.

It begins where the client has proved who it is. What comes before is the noise of anybody, and is not in the log
(ADR 0004). A client that is registered to prove nothing shows by a code of its own that it is more than its name.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from vad.domain.access import AccessDeniedError, minimum_level
from vad.domain.audit import TokenRefused
from vad.domain.client import Client, ResourceServer
from vad.domain.errors import CodeSpentError, ProtocolError, RegisterUnavailableError, UnavailableError
from vad.domain.grant import Grant
from vad.services import denials
from vad.services.ports.records import UnitOfWorkFactory

REGISTER_UNAVAILABLE = "REGISTER_UNAVAILABLE"


@dataclass(slots=True)
class Attempt:
    """What an authenticated client asks. It grows: grant and source are filled in as soon as they are known."""

    client: Client
    grant_type: str
    grant: Grant | None = field(default=None, init=False)
    source: ResourceServer | None = field(default=None, init=False)


@contextmanager
def recorded(work: UnitOfWorkFactory, attempt: Attempt, at: datetime) -> Iterator[None]:
    """Let no refusal out before its event has committed. A decision's no becomes the error of the token endpoint.

    Raises `StoreUnavailableError` in its stead when the event can't be written.
    """
    try:
        yield
    except AccessDeniedError as denied:
        error = denials.at_token(denied.reason, minimum_level(attempt.client, attempt.source))
        _record(work, attempt, denied.reason, {"error": error.error, **denied.denied.as_record()}, at)
        raise error from denied
    except ProtocolError as error:
        # Only a code of ours goes into the log for good: a description might be somebody else's words.
        reason = error.detail if isinstance(error.detail, StrEnum) else error.error.upper()
        _record(work, attempt, reason, {"error": error.error}, at)
        raise
    except CodeSpentError:
        # Nothing left, and the client must hear that its code is of no use any more, whoever is away.
        with suppress(UnavailableError):
            _record(work, attempt, REGISTER_UNAVAILABLE, {}, at)
        raise
    except RegisterUnavailableError:
        _record(work, attempt, REGISTER_UNAVAILABLE, {}, at)
        raise


def _record(
    work: UnitOfWorkFactory, attempt: Attempt, reason: str, evidence: Mapping[str, object], at: datetime
) -> None:
    grant, source = attempt.grant, attempt.source
    if grant is None and not attempt.client.proves_itself:
        return
    event = TokenRefused(
        actor=grant.actor if grant else None,
        represented=grant.subject if grant else None,
        client_id=attempt.client.client_id,
        resource=source.identifier if source else None,
        sid=grant.sid if grant else None,
        grant_id=grant.grant_id if grant else None,
        reason=str(reason),
        evidence={"grant_type": attempt.grant_type, **evidence},
    )
    with work() as tx:
        tx.audit.append(event, at=at)
        tx.commit()
