"""Four eyes against the real database: what was asked for is what is done, once, by two people (rule 44)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg2
import pytest

from tests.adapters.postgres.postgres_records import AT, BSN, OTHER_BSN, a_person, all_at_once
from tests.adapters.postgres.staff_members import KIND, WHY, SwitchesOff, a_member
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.errors import StoreFaultError
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.adapters.vault.keyring import KeyRing
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.randomness import SystemRandomness
from vad.adapters.vault.sealing import Sealer
from vad.domain.approval import ApprovalError, ApprovalFault, OutdatedError, RequestState
from vad.domain.errors import OwnCaseError
from vad.domain.identifiers import Bsn, PersonId, RequestId, StaffId
from vad.domain.justification import JustificationError
from vad.domain.staff import StaffMember
from vad.domain.staff_session import StaffAccount
from vad.services.approvals import Approvals, ApprovalUpkeep, Payload

WITHIN = timedelta(days=7)
ASKER_BSN, SECOND_BSN = Bsn("999990020"), Bsn("999990032")


@pytest.fixture
def admin(owner: Database, work: PostgresWork, keyring: KeyRing) -> PostgresWork:
    """Give units of work of a role that may do what the admin side does. `work`: the keys are known."""
    assert work
    return PostgresWork(owner, Sealer(keyring), BsnLookup(keyring))


@pytest.fixture
def change() -> SwitchesOff:
    """Give the change that is asked for."""
    return SwitchesOff()


@pytest.fixture
def approvals(admin: PostgresWork, change: SwitchesOff) -> Approvals:
    """Give the use case."""
    return Approvals(admin, {KIND: change}, SystemRandomness(), WITHIN)


@pytest.fixture
def child(work: PostgresWork, database: FreshDatabase) -> PersonId:
    """Give somebody about whom nothing waits."""
    ask(database.superuser_url, "DELETE FROM blocks; ALTER TABLE staff_requests DISABLE TRIGGER append_only_rows")
    ask(database.superuser_url, "DELETE FROM staff_requests")
    ask(database.superuser_url, "ALTER TABLE staff_requests ENABLE ALWAYS TRIGGER append_only_rows")
    return a_person(work, BSN)


@pytest.fixture
def asker(work: PostgresWork) -> StaffMember:
    """Give one of the staff."""
    return a_member(a_person(work, ASKER_BSN))


@pytest.fixture
def second(work: PostgresWork) -> StaffMember:
    """Give another person of the staff."""
    return a_member(a_person(work, SECOND_BSN))


def payload(child: PersonId) -> Payload:
    """Give what is asked for."""
    return {"subject": str(child)}


def blocks(database: FreshDatabase) -> int:
    """How many blocks there are."""
    return int(ask(database.superuser_url, "SELECT count(*) FROM blocks")[0][0])


def events(database: FreshDatabase, request_id: RequestId) -> list[tuple[str, StaffId | None, str | None]]:
    """The events of a request, each with whose account did it and why."""
    said = "SELECT type, staff, reason FROM audit_events WHERE evidence ->> 'request' = %s ORDER BY txid::text::bigint"
    rows = ask(database.superuser_url, said, (str(request_id),))
    return [(kind, StaffId(UUID(str(staff))) if staff else None, reason) for kind, staff, reason in rows]


def test_one_asks_another_agrees_and_it_is_done(
    approvals: Approvals,
    child: PersonId,
    asker: StaffMember,
    second: StaffMember,
    database: FreshDatabase,
    change: SwitchesOff,
) -> None:
    """Nothing happens before the second person; then all of it, once, with both events; the reason can be erased."""
    request_id = approvals.request(asker, KIND, payload(child), WHY, AT)
    assert blocks(database) == 0
    assert [each.request_id for each in approvals.waiting(asker, AT).own] == [request_id]
    [shown] = approvals.waiting(second, AT).for_me
    assert (shown.payload, shown.reason, shown.case_number) == (payload(child), WHY.reason, WHY.case_number)
    assert approvals.view(second, request_id) == shown
    granted = approvals.approve(second, request_id, AT + timedelta(hours=1))
    assert granted.state is RequestState.APPROVED
    assert blocks(database) == 1
    assert change.prepared == [AT, AT + timedelta(hours=1)]
    with pytest.raises(ApprovalError, match="over"):
        approvals.approve(second, request_id, AT + timedelta(hours=2))
    assert events(database, request_id) == [
        ("approval.requested", asker.account, None),
        ("approval.granted", second.account, None),
    ]
    [[fields]] = ask(
        database.superuser_url,
        "SELECT fields FROM audit_erasable JOIN audit_events USING (event_id) WHERE evidence ->> 'request' = %s",
        (str(request_id),),
    )
    assert fields == WHY.erasable
    assert [each.request_id for each in approvals.decided(asker)] == [request_id]


def test_nobody_is_their_own_second_person(
    approvals: Approvals, child: PersonId, asker: StaffMember, database: FreshDatabase
) -> None:
    """By neither account; nor is one of those whom it is about, nor may they ask for it."""
    request_id = approvals.request(asker, KIND, payload(child), WHY, AT)
    for each in (asker, a_member(asker.person)):
        with pytest.raises(ApprovalError) as refused:
            approvals.approve(each, request_id, AT)
        assert refused.value.why is ApprovalFault.OWN_REQUEST
    about_it = a_member(child)
    with pytest.raises(OwnCaseError):
        approvals.approve(about_it, request_id, AT)
    with pytest.raises(OwnCaseError):
        approvals.view(about_it, request_id)
    with pytest.raises(OwnCaseError):
        approvals.request(about_it, KIND, payload(child), WHY, AT)
    assert approvals.waiting(about_it, AT).for_me == ()
    assert blocks(database) == 0


def test_a_no_a_withdrawal_and_the_clock_each_end_it(
    approvals: Approvals, child: PersonId, asker: StaffMember, second: StaffMember, database: FreshDatabase
) -> None:
    """Each is an event, and none of them can be approved afterwards; a no takes words."""
    refused, withdrawn = (approvals.request(asker, KIND, payload(child), WHY, AT) for _ in range(2))
    with pytest.raises(JustificationError):
        approvals.refuse(second, refused, "no", AT)
    approvals.refuse(second, refused, "There is no letter in this file", AT)
    with pytest.raises(ApprovalError):
        approvals.withdraw(second, withdrawn, AT)
    approvals.withdraw(asker, withdrawn, AT)
    for each in (refused, withdrawn):
        with pytest.raises(ApprovalError):
            approvals.approve(second, each, AT)
    assert events(database, refused)[-1] == ("approval.refused", second.account, None)
    assert events(database, withdrawn)[-1] == ("approval.withdrawn", asker.account, None)
    long_ago = AT - timedelta(days=30)
    expired = approvals.request(asker, KIND, payload(child), WHY, long_ago)
    with pytest.raises(ApprovalError):
        approvals.approve(second, expired, long_ago + WITHIN)
    assert blocks(database) == 0


def test_the_worker_writes_down_what_the_clock_ended(
    approvals: Approvals, worker_work: PostgresWork, child: PersonId, asker: StaffMember, database: FreshDatabase
) -> None:
    """With a role that can say of no request that anybody decided it; that of the service can't even look."""
    expired = approvals.request(asker, KIND, payload(child), WHY, AT - timedelta(days=30))
    approvals.request(asker, KIND, payload(child), WHY, datetime.now(UTC))
    upkeep = ApprovalUpkeep(worker_work)
    assert [upkeep.record_expired(AT) for _ in range(2)] == [1, 0]
    assert events(database, expired)[-1] == ("approval.expired", None, None)
    states = "SELECT state FROM staff_requests ORDER BY requested_at"
    assert ask(database.superuser_url, states) == [("expired",), ("requested",)]
    for statement in (
        "UPDATE staff_requests SET state = 'approved'",
        "UPDATE staff_requests SET state = 'expired' WHERE state = 'requested'",
        "UPDATE staff_requests SET decided_person = person",
        "SELECT payload FROM staff_requests",
        "DELETE FROM staff_requests",
    ):
        with pytest.raises(Exception, match=r"permission denied|decided|violates"):
            ask(database.worker_url, statement)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(database.app_url, "SELECT state FROM staff_requests")


def test_what_can_not_be_done_any_more_is_over_and_says_why(
    approvals: Approvals,
    child: PersonId,
    asker: StaffMember,
    second: StaffMember,
    database: FreshDatabase,
    change: SwitchesOff,
) -> None:
    """Whether it shows when it is asked for, or when it is approved; nothing of it is done."""
    request_id = approvals.request(asker, KIND, payload(child), WHY, AT)
    change.outdated = "it_has_ended"
    with pytest.raises(OutdatedError, match="it_has_ended"):
        approvals.approve(second, request_id, AT)
    assert events(database, request_id)[-1] == ("approval.refused", second.account, "it_has_ended")
    with pytest.raises(OutdatedError):
        approvals.request(asker, KIND, payload(child), WHY, AT)
    assert blocks(database) == 0


def test_what_breaks_halfway_leaves_nothing(
    approvals: Approvals,
    child: PersonId,
    asker: StaffMember,
    second: StaffMember,
    database: FreshDatabase,
    change: SwitchesOff,
) -> None:
    """Neither the change nor the decision; it can be approved once the fault is mended."""
    request_id = approvals.request(asker, KIND, payload(child), WHY, AT)
    change.broken = True
    with pytest.raises(RuntimeError):
        approvals.approve(second, request_id, AT)
    assert blocks(database) == 0
    change.broken = False
    assert approvals.approve(second, request_id, AT).state is RequestState.APPROVED


def test_two_at_once_decide_it_once(
    approvals: Approvals, work: PostgresWork, child: PersonId, asker: StaffMember, second: StaffMember
) -> None:
    """Whoever comes second hears that it is over, and nothing is done twice."""
    third = a_member(a_person(work, OTHER_BSN))
    request_id = approvals.request(asker, KIND, payload(child), WHY, AT)

    members = iter((second, third))

    def approved() -> bool:
        try:
            return approvals.approve(next(members), request_id, AT).state is RequestState.APPROVED
        except ApprovalError:
            return False

    assert sorted(all_at_once(2, approved)) == [False, True]


def test_the_database_counts_people_too(
    admin: PostgresWork,
    approvals: Approvals,
    child: PersonId,
    asker: StaffMember,
    second: StaffMember,
    database: FreshDatabase,
) -> None:
    """As somebody would write it who has the rights of the admin side and nothing of its rules."""
    request_id = approvals.request(asker, KIND, payload(child), WHY, AT)
    with admin() as tx:
        known = tx.staff_requests.get(request_id)
    assert known is not None
    late = known.expires_at
    wrong = (
        known.moved(RequestState.APPROVED, asker, AT),
        known.moved(RequestState.APPROVED, a_member(asker.person), AT),
        known.moved(RequestState.APPROVED, replace(second, account=asker.account), AT),
        known.moved(RequestState.APPROVED, a_member(child), AT),
        known.moved(RequestState.APPROVED, second, late),
        known.moved(RequestState.WITHDRAWN, second, AT),
        replace(known, state=RequestState.APPROVED),
    )
    for each in wrong:
        with admin() as tx, pytest.raises(StoreFaultError):
            tx.staff_requests.decide(each)
    approvals.approve(second, request_id, AT)
    for statement in (
        "UPDATE staff_requests SET payload = '{}'",
        "UPDATE staff_requests SET state = 'expired', decided_account = NULL, decided_person = NULL",
        "UPDATE staff_requests SET reason = 'another'",
        "DELETE FROM staff_requests",
        "TRUNCATE staff_requests",
    ):
        with pytest.raises(Exception, match=r"never changes|it was decided|erased|append-only"):
            ask(database.superuser_url, statement)
    ask(database.superuser_url, "UPDATE staff_requests SET reason = '', case_number = ''")
    with admin() as tx, pytest.raises(StoreFaultError):
        tx.staff_requests.add(replace(known, request_id=RequestId(uuid4()), concerning=frozenset({known.person})))


def test_what_an_ended_account_asked_for_is_over(
    approvals: Approvals, admin: PostgresWork, child: PersonId, asker: StaffMember, second: StaffMember
) -> None:
    """Whoever is out has nothing left to be agreed to; the log says why."""
    request_id = approvals.request(asker, KIND, payload(child), WHY, AT)
    with admin() as tx:
        assert tx.staff_accounts.add(StaffAccount(asker.account, "https://idp.example", "asker", asker.person, AT))
        assert tx.staff_accounts.end(asker.account, AT) is not None
        tx.commit()
    with pytest.raises(OutdatedError, match="account_ended"):
        approvals.approve(second, request_id, AT)
    assert approvals.view(second, request_id).state is RequestState.REFUSED
