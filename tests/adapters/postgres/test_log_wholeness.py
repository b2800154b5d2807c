"""Whether the log is whole, as a page asks it: nobody is believed (rule 43)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest

from tests.adapters.postgres.kept_log import KEY, NEW_TREE, OTHER, Kept, kept, signing
from tests.adapters.postgres.postgres_records import AT
from tests.support.database import ask
from vad.adapters.postgres.log_state import log_state
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.adapters.tlog.ed25519 import CheckpointKey, verify
from vad.adapters.vault.keyring import KeyRing
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.sealing import Sealer
from vad.bootstrap.log_keeping import reading
from vad.domain.checkpoint import CheckpointError, SignedCheckpoint
from vad.domain.errors import NotPermittedError
from vad.domain.identifiers import PersonId, StaffId
from vad.domain.staff import StaffMember, StaffRole
from vad.services.log_report import Fault, Report
from vad.services.log_wholeness import LogWholeness, outcome

__all__ = ["kept"]
LATER = AT + timedelta(hours=1)
_BESIDE = """
    INSERT INTO audit_events (event_id, recorded_at, txid, type, outcome, evidence)
    SELECT gen_random_uuid(), recorded_at, txid, type, outcome, evidence FROM audit_events WHERE event_id = '{}'
"""
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


def test_it_is_held_against_what_was_verified_published_and_kept(wholeness: LogWholeness, kept: Kept) -> None:
    """A log that was made anew and signed again is whole in itself: each of the three sees that it is another one."""
    assert wholeness.look(AUDITOR, LATER) is not None
    before = kept.notes[2]
    kept.edit(7, "reason = 'x'")
    kept.tamper(*NEW_TREE)
    kept.seal(publish=False)
    alone = replace(wholeness, published=lambda: None)
    seen = alone.look(AUDITOR, LATER + timedelta(minutes=1))
    assert seen is not None
    assert [each.text for each in seen.found] == ["what was verified of 300 events says otherwise"]
    forgetful = LATER + timedelta(days=500)
    for looked in (
        alone.look(AUDITOR, forgetful, before),
        replace(wholeness, published=lambda: before).look(AUDITOR, forgetful + timedelta(days=500)),
    ):
        assert looked is not None
        assert (looked.found[0].fault, looked.trouble > 0) == (Fault.CONTRADICTED, True)
    other = LogWholeness(wholeness.work, wholeness.reading, [CheckpointKey.from_text(OTHER).verifier], verify)
    with pytest.raises(CheckpointError):
        other.look(AUDITOR, LATER, before)


def test_of_a_large_log_the_newest_part_is_looked_at(wholeness: LogWholeness, kept: Kept) -> None:
    """From a signed checkpoint on; that does not count as a look at all of it, in figures either."""
    part = replace(wholeness, most=100)
    report = part.look(AUDITOR, LATER)
    assert report is not None
    assert (report.begun, report.checked, report.part, report.trouble) == (259, 41, True, 0)
    assert part.known(AUDITOR, LATER).verified is None
    assert log_state(kept.connections).verified_at == 0
    assert wholeness.look(AUDITOR, LATER + timedelta(minutes=1)) is not None
    known = part.known(AUDITOR, LATER + timedelta(minutes=2))
    assert known.verified is not None
    assert known.verified.evidence.get("part") is None
    kept.edit(280, "reason = 'another'")
    kept.tamper(_BESIDE.format(kept.event(290)))
    report = part.look(AUDITOR, LATER + timedelta(minutes=3))
    assert report is not None
    assert [(each.index, each.fault) for each in report.found] == [(280, Fault.CHANGED), (300, Fault.EXTRA)]
    assert part.known(AUDITOR, LATER + timedelta(minutes=3)).broken is not None


def test_a_beginning_that_nobody_signed_is_none(wholeness: LogWholeness, kept: Kept) -> None:
    """A checkpoint in the database that another key signed, or of another tree, gives the page no place to begin."""
    part = replace(wholeness, most=100)
    whole = kept.notes[1].checkpoint
    for forged in (
        SignedCheckpoint.make(whole, *signing(OTHER)).note(),
        SignedCheckpoint.make(replace(whole, root=bytes(32)), *signing(KEY)).note(),
        "no checkpoint",
    ):
        kept.tamper(f"UPDATE log_checkpoints SET note = '{forged}' WHERE size = 259")  # noqa: S608 - ours
        report = part.look(AUDITOR, LATER)
        assert report is not None
        assert [each.fault for each in report.found[:1]] == [Fault.CONTRADICTED]


def test_figures_tell_what_was_found(wholeness: LogWholeness, kept: Kept) -> None:
    """When all of it was last whole, and whether a fault was found since: no part that is whole makes up for it."""
    now = datetime.now(UTC)
    wholeness.look(AUDITOR, now - timedelta(minutes=9))
    state = log_state(kept.connections)
    assert (state.verified_at, state.not_whole) == ((now - timedelta(minutes=9)).timestamp(), False)
    kept.edit(7, "reason = 'another'")
    wholeness.look(AUDITOR, now - timedelta(minutes=8))
    replace(wholeness, most=100).look(AUDITOR, now - timedelta(minutes=7))
    state = log_state(kept.connections)
    assert (state.verified_at, state.not_whole) == ((now - timedelta(minutes=9)).timestamp(), True)
    kept.edit(7, "reason = 'why'")
    wholeness.look(AUDITOR, now - timedelta(minutes=6))
    assert not log_state(kept.connections).not_whole


def test_a_look_at_what_is_new_makes_up_for_nothing_before_it(wholeness: LogWholeness, kept: Kept) -> None:
    """As a nightly job verifies from the checkpoint of the night before: only from the first event on is all of it."""
    now = datetime.now(UTC)
    wholeness.look(AUDITOR, now - timedelta(minutes=9))
    kept.edit(7, "reason = 'another'")
    wholeness.look(AUDITOR, now - timedelta(minutes=8))
    for minutes, change, first in ((7, "reason = 'another'", 280), (6, "reason = 'why'", 7)):
        kept.edit(280, change)
        told = outcome(kept.verify(start=kept.notes[1]))
        assert told.evidence["from"] == 259
        with wholeness.work() as tx:
            tx.audit.append(told, at=now - timedelta(minutes=minutes))
            tx.commit()
        known, state = wholeness.known(AUDITOR, now), log_state(kept.connections)
        assert known.broken is not None
        assert known.broken.evidence["first"] == first, "what was found lately, until it is mended"
        assert known.verified is not None
        assert known.verified.recorded_at == now - timedelta(minutes=9)
        assert (state.verified_at, state.not_whole) == ((now - timedelta(minutes=9)).timestamp(), True)


def test_what_may_lie_anywhere_is_made_up_for_from_the_first_event_on() -> None:
    """What is known to the event is named first, and is not all that is wrong."""
    report = Report(300)
    report.add(280, Fault.CHANGED, "the event is not what was sealed")
    report.add(0, Fault.CONTRADICTED, "somewhere")
    report.add(290, Fault.CHANGED, "the event is not what was sealed")
    evidence = outcome(report).evidence
    assert (evidence["first"], evidence["since"]) == (280, 0)


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
