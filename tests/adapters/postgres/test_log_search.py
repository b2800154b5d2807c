"""Asking the log: what is found, in which order, and that nothing else is (rule 43)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from tests.adapters.postgres.mandate_records import added, an_offer, in_force, kept
from tests.adapters.postgres.postgres_records import AT, HOSPITAL, PGO
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.unit_of_work import PostgresUnitOfWork, PostgresWork
from vad.domain.audit import ActivityViewed, AuditEvent, LoginSucceeded, TokenIssued, TokenRefused
from vad.domain.block import Block, BlockKind, PlacedBy
from vad.domain.ground import Basis
from vad.domain.identifiers import BlockId, MandateId, PersonId, Sid, StaffId
from vad.domain.mandate import MandateState, Route
from vad.domain.mandate_events import MandateAccepted
from vad.services.ports.log_search import LogFilter, LoggedEvent, MandateFilter

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
PERIOD = LogFilter(since=NOW - 60 * DAY, until=NOW + DAY)
ONE, TWO, OTHER = (PersonId(uuid4()) for _ in range(3))
STAFF = StaffId(uuid4())
MANDATE = MandateId(uuid4())
USED = {"mandate": str(MANDATE), "mandate_version": 3}


def _token(actor: PersonId, subject: PersonId, basis: Basis, **more: object) -> TokenIssued:
    return TokenIssued(actor=actor, represented=subject, basis=basis, client_id=PGO, resource=HOSPITAL, **more)  # type: ignore[arg-type]


WRITTEN: list[tuple[AuditEvent, timedelta]] = [
    (LoginSucceeded(actor=ONE, represented=ONE, sid=Sid("sid")), timedelta()),
    (_token(ONE, ONE, Basis.SELF), -DAY),
    (_token(TWO, ONE, Basis.MANDATE, evidence=USED), -2 * DAY),
    (TokenRefused(actor=TWO, represented=ONE, reason="BLOCKED", client_id=PGO, evidence=USED), -3 * DAY),
    (MandateAccepted(actor=ONE, represented=ONE, evidence=USED), -40 * DAY),
    (ActivityViewed(staff=STAFF, represented=ONE, evidence=USED, erasable={"reason": "she called"}), -4 * DAY),
    (LoginSucceeded(actor=OTHER, represented=OTHER), -5 * DAY),
]


@pytest.fixture(scope="module", autouse=True)
def written(work: PostgresWork) -> None:
    """Let the log hold these."""
    with work() as tx:
        for event, ago in WRITTEN:
            tx.audit.append(event, at=NOW + ago)
        tx.commit()


@pytest.fixture
def tx(work: PostgresWork) -> Iterator[PostgresUnitOfWork]:
    """Give a unit of work to ask in."""
    with work() as opened:
        yield opened


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"person": ONE}, [0, 1, 2, 3, 5, 4]),
        ({"actor": ONE}, [0, 1, 4]),
        ({"represented": ONE}, [0, 1, 2, 3, 5, 4]),
        ({"actor": TWO}, [2, 3]),
        ({"person": ONE, "for_another": True}, [2, 3]),
        ({"staff": STAFF}, [5]),
        ({"mandate": MANDATE}, [2, 3, 5, 4]),
        ({"mandate": MANDATE, "types": ["token.issued", "token.refused"]}, [2, 3]),
        ({"person": ONE, "outcome": "refused"}, [3]),
        ({"person": ONE, "reason": "BLOCKED"}, [3]),
        ({"person": ONE, "reason": "no such reason"}, []),
        ({"person": ONE, "client_id": PGO, "resource": HOSPITAL, "basis": "self"}, [1]),
        ({"person": ONE, "sid": Sid("sid")}, [0]),
        ({"person": ONE, "since": NOW - 3 * DAY, "until": NOW}, [1, 2, 3]),
        ({"person": PersonId(uuid4())}, []),
    ],
)
def test_each_criterion_finds_its_events(tx: PostgresUnitOfWork, asked: dict[str, object], found: list[int]) -> None:
    """Newest first; the end of the period is not in it, its begin is. A page at a time gives the same as all."""
    wanted = replace(PERIOD, **asked)  # type: ignore[arg-type]
    events = tx.log.find(wanted, 100)
    assert [_which(each) for each in events] == found
    assert tx.log.count(wanted, 100) == len(found)
    one_by_one: list[LoggedEvent] = []
    while page := tx.log.find(wanted, 1, one_by_one[-1].position if one_by_one else None):
        one_by_one += page
    assert tuple(one_by_one) == events


def _which(event: LoggedEvent) -> int:
    [number] = [
        number
        for number, (each, ago) in enumerate(WRITTEN)
        if (NOW + ago, each.type) == (event.recorded_at, event.type)
    ]
    return number


def test_one_event_comes_whole(tx: PostgresUnitOfWork) -> None:
    """With what stands apart from it, as long as nobody erased that."""
    [listed] = tx.log.find(replace(PERIOD, staff=STAFF), 1)
    found = tx.log.event(listed.event_id)
    assert found == replace(listed, erasable={"reason": "she called"})
    assert found is not None
    assert found.people == {ONE}
    assert (found.evidence, found.outcome) == (USED, "success")
    assert tx.log.event(uuid4()) is None


def test_refusals_are_counted_by_reason(tx: PostgresUnitOfWork) -> None:
    """Those of the period."""
    assert [(r.type, r.reason, r.count) for r in tx.log.refusals(NOW - 60 * DAY, NOW)] == [
        ("token.refused", "BLOCKED", 1)
    ]
    assert tx.log.refusals(NOW - DAY, NOW) == ()


def test_when_a_mandate_began_is_what_the_log_says(tx: PostgresUnitOfWork) -> None:
    """One that nobody accepted never began."""
    assert tx.log_questions.begun([MANDATE, MandateId(uuid4())]) == {MANDATE: NOW - 40 * DAY}
    assert tx.log_questions.begun([]) == {}


def test_mandates_are_found_from_either_side(work: PostgresWork, people: tuple[PersonId, PersonId]) -> None:
    """By person, state and route; page by page, the latest change first; without what its maker wrote."""
    first, second = in_force(work, people, "48"), in_force(work, people, "51")
    third = an_offer(people, "63")
    added(work, third)
    with work() as tx:
        ask_for = tx.log_questions.mandates
        everything = ask_for(MandateFilter(), 10)
        assert {each.mandate_id for each in everything} == {each.mandate_id for each in (first, second, third)}
        assert {each.label for each in everything} == {""}
        assert ask_for(MandateFilter(), 1, (everything[0].changed_at, everything[0].mandate_id)) == everything[1:2]
        for wanted, found in (
            (MandateFilter(person=people[0]), {first, second, third}),
            (MandateFilter(person=people[1]), {first, second}),
            (MandateFilter(represented=people[1]), set()),
            (MandateFilter(representative=people[1], states=[MandateState.ACTIVE]), {first, second}),
            (MandateFilter(states=[MandateState.OFFERED], route=Route.OFFER), {third}),
            (MandateFilter(route=Route.LEGAL), set()),
        ):
            assert {each.mandate_id for each in ask_for(wanted, 10)} == {each.mandate_id for each in found}, wanted
        assert [(each.representative, each.people) for each in tx.log_questions.helpers(0, 10)] == [(people[1], 1)]
        assert tx.log_questions.helpers(1, 10) == ()


def test_a_use_after_the_end_is_found(work: PostgresWork, people: tuple[PersonId, PersonId]) -> None:
    """A token on a mandate that had expired or was stopped; not one in time, nor in the seconds that a stop waited."""
    mandate, ended = in_force(work, people), AT + DAY
    assert kept(work, mandate.moved(MandateState.REVOKED, ended)) == [True]
    used = {"mandate": str(mandate.mandate_id)}
    with work() as tx:
        for later in (-timedelta(hours=1), timedelta(seconds=5), DAY):
            tx.audit.append(_token(people[1], people[0], Basis.MANDATE, evidence=used), at=ended + later)
        tx.commit()
    with work() as tx:
        [found] = tx.log_questions.uses_after_end(AT, AT + 9 * DAY, 10)
        assert tx.log_questions.uses_after_end(AT, ended + DAY, 10) == ()
        event = tx.log.event(found.event_id) if found.event_id else None
    assert (found.kind, found.mandate, found.represented, found.actor) == ("end", mandate.mandate_id, *people)
    assert found.at == ended
    assert event is not None
    assert event.recorded_at == ended + DAY


def test_birthdays_and_parents(work: PostgresWork, people: tuple[PersonId, PersonId], database: FreshDatabase) -> None:
    """Who turns 12 or 16 soon; who was let act for a child; and who still was after the birthday had surely passed."""
    child, parent = people
    month = (NOW - 100 * DAY).date().replace(day=1)
    ask(database.superuser_url, "DELETE FROM birthdays")
    ask(
        database.superuser_url,
        "INSERT INTO birthdays (child, holder, years, month) VALUES (%s::uuid, %s::uuid, 12, %s)",
        (str(child), str(parent), month),
    )
    with work() as tx:
        tx.audit.append(_token(parent, child, Basis.PARENTAL_AUTHORITY), at=NOW - 2 * DAY)
        tx.audit.append(_token(parent, child, Basis.PARENTAL_AUTHORITY_AND_ASSENT), at=NOW - DAY)
        tx.audit.append(_token(parent, child, Basis.PARENTAL_AUTHORITY), at=NOW - 50 * DAY)
        tx.commit()
    with work() as tx:
        questions = tx.log_questions
        [found] = questions.uses_after_birthday(NOW - 30 * DAY, NOW, 10)
        assert (found.kind, found.represented, found.actor) == ("birthday", child, parent)
        assert found.at.date() == month + 92 * DAY
        [seen] = questions.parents(child, NOW - 60 * DAY, NOW)
        assert (seen.actor, seen.basis, seen.at) == (parent, "parental_authority_and_assent", NOW - DAY)
        [earlier] = questions.parents(child, NOW - 60 * DAY, NOW - 2 * DAY)
        assert (earlier.basis, earlier.at) == ("parental_authority", NOW - 50 * DAY)
        assert [(t.child, t.holder, t.years) for t in questions.turning(month, month, 9)] == [(child, parent, 12)]
        assert questions.turning(date(2020, 1, 1), month - DAY, 9) == ()


def test_what_was_switched_off_at_a_moment(work: PostgresWork, people: tuple[PersonId, PersonId]) -> None:
    """Also what was switched on again since; not what came later or had run out."""
    subject = people[0]
    block = Block(BlockId(uuid4()), subject, BlockKind.CLIENT, "app", PlacedBy.SUBJECT, NOW - 9 * DAY)
    with work() as tx:
        assert tx.blocks.add(block)
        tx.blocks.lift(block.block_id, subject, NOW - 5 * DAY)
        tx.commit()
    with work() as tx:
        for at, count in ((-10, 0), (-9, 1), (-6, 1), (-5, 0), (0, 0)):
            assert len(tx.log_questions.blocks(subject, NOW + at * DAY)) == count, at
