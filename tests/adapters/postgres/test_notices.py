"""Being told: each notice once, the way it has to go, and addresses that only their owner's code confirms."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from tests.adapters.postgres.postgres_records import AT, BSN, OTHER_BSN, a_person, all_at_once
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.domain.contact import MOST_TRIES, Contact, ContactState, EmailAddress
from vad.domain.identifiers import ContactId, PersonId
from vad.domain.notice import Channel, Notice, Text
from vad.services.notifications import tell

ADDRESS = "jan.jansen@post.example"


@pytest.fixture(autouse=True)
def _empty(database: FreshDatabase) -> Iterator[None]:
    yield
    ask(database.superuser_url, "DELETE FROM outbox; DELETE FROM notices; DELETE FROM contacts")


def a_contact(person: PersonId, address: str = ADDRESS, at: datetime = AT) -> Contact:
    """Return an address that waits for its code."""
    return Contact(ContactId(uuid4()), person, EmailAddress(address), "nl", ContactState.PENDING, at)


def _confirmed(work: PostgresWork, person: PersonId, address: str = ADDRESS) -> ContactId | None:
    contact = a_contact(person, address)
    with work() as tx:
        tx.contacts.ask(contact)
        former = tx.contacts.confirm(contact, AT)
        tx.commit()
    return former


def _tell(work: PostgresWork, person: PersonId, notice: Notice, about: str = "x") -> bool:
    with work() as tx:
        told = tell(tx, person, notice, AT, about=about)
        tx.commit()
    return told


def _queued(database: FreshDatabase) -> list[str]:
    return sorted(kind for (kind,) in ask(database.app_url, "SELECT kind FROM outbox"))


@pytest.mark.parametrize("notice", list(Notice))
@pytest.mark.parametrize("reachable", [False, True])
def test_each_notice_goes_the_way_it_has_to(
    work: PostgresWork, database: FreshDatabase, notice: Notice, *, reachable: bool
) -> None:
    """Rule 28: by mail, or by letter to whoever gave no address; some always on paper, some both ways."""
    person = a_person(work)
    if reachable:
        _confirmed(work, person)
    assert _tell(work, person, notice)
    expected = {
        Channel.MAIL: ["mail"],
        Channel.LETTER: ["letter"],
        Channel.MAIL_AND_LETTER: ["letter", "mail"],
        Channel.MAIL_OR_LETTER: ["mail" if reachable else "letter"],
    }
    assert _queued(database) == expected[notice.channel]
    assert notice.text in Text


def test_the_outbox_says_nothing_about_anybody(work: PostgresWork, database: FreshDatabase) -> None:
    """What waits is the id of a notice: no person, no address, no kind of notice."""
    person = a_person(work)
    _confirmed(work, person)
    _tell(work, person, Notice.CHILD_TURNS_12, about="kind")
    ((payload,),) = ask(database.app_url, "SELECT payload FROM outbox")
    ((notice_id,),) = ask(database.app_url, "SELECT notice_id FROM notices")
    assert payload == {"notice_id": str(notice_id)}
    with work() as tx:
        told = tx.notices.get(UUID(payload["notice_id"]))
    assert told is not None
    assert (told.person_id, told.notice, told.about, told.at) == (person, Notice.CHILD_TURNS_12, "kind", AT)


def test_the_same_is_told_once(work: PostgresWork, database: FreshDatabase) -> None:
    """However many processes find it out at once; about something else, or to somebody else, it is another notice."""
    person, other = a_person(work), a_person(work, OTHER_BSN)
    told = all_at_once(8, lambda: _tell(work, person, Notice.MANDATE_FIRST_USED, "m1"))
    assert sorted(told) == [False] * 7 + [True]
    assert _tell(work, person, Notice.MANDATE_FIRST_USED, "m2")
    assert _tell(work, other, Notice.MANDATE_FIRST_USED, "m1")
    assert _queued(database) == ["letter"] * 3
    with work() as tx:
        assert tx.notices.count(person, Notice.MANDATE_FIRST_USED, AT - timedelta(seconds=1)) == 2
        assert tx.notices.count(person, Notice.MANDATE_FIRST_USED, AT) == 0
        assert tx.notices.forget_old(AT + timedelta(days=1), 2) == 2
        assert tx.notices.forget_old(AT, 5) == 0


def test_a_notice_falls_with_its_cause(work: PostgresWork, database: FreshDatabase) -> None:
    """A change that does not commit tells nobody, and may be told later."""
    person = a_person(work)
    with work() as tx:
        assert tell(tx, person, Notice.MANDATE_ENDED, AT, about="m")
    assert _queued(database) == []
    assert _tell(work, person, Notice.MANDATE_ENDED, "m")


def test_an_address_is_sealed_in_its_own_row(work: PostgresWork, database: FreshDatabase) -> None:
    """Nobody reads it in the database, nor moves it to another row."""
    person, other = a_person(work), a_person(work, OTHER_BSN)
    _confirmed(work, person)
    _confirmed(work, other, "een.ander@post.example")
    rows = ask(database.superuser_url, "SELECT c::text, encode(address_sealed, 'escape') FROM contacts c")
    assert not any("post.example" in text for row in rows for text in row)
    with work() as tx:
        known = tx.contacts.confirmed(person)
    assert known is not None
    assert known.address.reveal() == ADDRESS
    assert ADDRESS not in f"{known} {known!r}"
    ask(
        database.superuser_url,
        "UPDATE contacts SET address_sealed = o.address_sealed FROM contacts o WHERE contacts.person_id <> o.person_id",
    )
    with work() as tx, pytest.raises(Exception, match="can't be opened"):
        tx.contacts.confirmed(person)


def test_one_address_waits_and_one_is_confirmed(work: PostgresWork) -> None:
    """A new one takes the place of what waited; confirming it makes the one before a former one."""
    person = a_person(work)
    first, second = a_contact(person), a_contact(person, "nieuw@post.example")
    with work() as tx:
        tx.contacts.ask(first)
        tx.contacts.ask(second)
        assert tx.contacts.get(first.contact_id) is None
        assert tx.contacts.pending(person) == second
        assert tx.contacts.confirmed(person) is None
        assert tx.contacts.confirm(second, AT) is None
        tx.commit()
    former = _confirmed(work, person, "derde@post.example")
    assert former == second.contact_id
    with work() as tx:
        ended = tx.contacts.get(second.contact_id)
        assert ended is not None
        assert ended.state is ContactState.FORMER
        assert tx.contacts.pending(person) is None
        last = tx.contacts.confirmed(person)
        assert last is not None
        assert tx.contacts.remove(person, AT) == last.contact_id
        assert tx.contacts.remove(person, AT) is None
        assert tx.contacts.forget_old(AT, AT) == 0
        assert tx.contacts.forget_old(AT, AT + timedelta(seconds=1)) == 2


def test_tries_are_counted_by_all_together(work: PostgresWork) -> None:
    """Many at once get no more tries than one after the other."""
    person = a_person(work)
    contact = a_contact(person)
    with work() as tx:
        tx.contacts.ask(contact)
        tx.commit()

    def enter() -> bool:
        with work() as tx:
            counted = tx.contacts.count_try(contact.contact_id, MOST_TRIES)
            tx.commit()
        return counted

    assert sum(all_at_once(12, enter)) == MOST_TRIES


def test_two_confirmed_addresses_cannot_be(work: PostgresWork, database: FreshDatabase) -> None:
    """The table itself holds it."""
    _confirmed(work, a_person(work, BSN))
    again = "INSERT INTO contacts SELECT gen_random_uuid(), person_id, 'x', 'k', 'nl', state, asked_at, 0, confirmed_at"
    with pytest.raises(Exception, match="uq_contacts_confirmed"):
        ask(database.app_url, f"{again} FROM contacts")
