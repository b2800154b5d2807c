"""Whether the log is whole, as a page asks it: from where the last look ended, and nobody is believed (rule 43)."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from tests.adapters.postgres.kept_log import OTHER, Kept, kept
from tests.adapters.postgres.postgres_records import AT
from tests.support.database import ask
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.adapters.tlog.ed25519 import CheckpointKey, verify
from vad.adapters.vault.keyring import KeyRing
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.sealing import Sealer
from vad.bootstrap.log_keeping import reading
from vad.domain.errors import NotPermittedError
from vad.domain.identifiers import PersonId, StaffId
from vad.domain.staff import StaffMember, StaffRole
from vad.services.log_verifying import Fault
from vad.services.log_wholeness import LogWholeness

__all__ = ["kept"]
LATER = AT + timedelta(hours=1)
AUDITOR = StaffMember(StaffId(uuid4()), PersonId(uuid4()), frozenset({StaffRole.AUDITOR}))


@pytest.fixture
def wholeness(kept: Kept, keyring: KeyRing) -> LogWholeness:
    """Give the use case, which believes the key of this log."""
    work = PostgresWork(kept.connections, Sealer(keyring), BsnLookup(keyring))
    return LogWholeness(work, partial(reading, kept.connections), [kept.key.verifier], verify)


def test_each_look_is_at_all_of_it(wholeness: LogWholeness, kept: Kept) -> None:
    """What was whole before may have been changed since: it is found, whatever the log says of itself."""
    assert wholeness.known(AUDITOR, LATER).verified is None
    report = wholeness.look(AUDITOR, LATER)
    assert report is not None
    assert (report.checked, report.trouble) == (300, 0)
    known = wholeness.known(AUDITOR, LATER)
    assert (known.size, known.broken) == (300, None)
    assert known.verified is not None
    assert known.verified.staff == AUDITOR.account
    kept.edit(7, "reason = 'another'")
    ask(
        kept.database.app_url,
        "INSERT INTO audit_events (event_id, recorded_at, type, outcome, evidence)"
        " SELECT gen_random_uuid(), %s, 'log.verified', 'success', jsonb_build_object('size', 300, 'checkpoint', note)"
        " FROM log_checkpoints ORDER BY size DESC LIMIT 1",
        (LATER,),
    )
    report = wholeness.look(AUDITOR, LATER + timedelta(minutes=1))
    assert report is not None
    assert (report.found[0].index, report.found[0].fault) == (7, Fault.CHANGED)
    known = wholeness.known(AUDITOR, LATER + timedelta(minutes=1))
    assert known.broken is not None
    assert (known.broken.reason, known.broken.evidence["first"]) == ("changed", 7)


def test_a_log_that_another_key_signed_is_not_whole(wholeness: LogWholeness, kept: Kept) -> None:
    """Whoever has the database and not the key."""
    other = LogWholeness(wholeness.work, wholeness.reading, [CheckpointKey.from_text(OTHER).verifier], verify)
    report = other.look(AUDITOR, LATER)
    assert report is not None
    assert report.trouble


@pytest.mark.parametrize("role", [StaffRole.HELPDESK, StaffRole.CLIENT_MANAGER])
def test_it_takes_a_right(wholeness: LogWholeness, role: StaffRole) -> None:
    """Auditors and administrators look."""
    member = StaffMember(StaffId(uuid4()), PersonId(uuid4()), frozenset({role}))
    with pytest.raises(NotPermittedError):
        wholeness.known(member, LATER)
    with pytest.raises(NotPermittedError):
        wholeness.look(member, LATER)
