"""Both sides of a mandate are told what becomes of it (rule 28)."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.backroom import Backroom
from tests.support.person import PIETER, SAMIRA, Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town
from vad.bootstrap.upkeep import create_upkeep
from vad.domain.mandate import Mandate
from vad.domain.session import Session
from vad.services.mandate_notices import MandateReminders
from vad.services.mandates import Made, Wanted
from vad.services.mandating import Mandating

DAY = timedelta(days=1)
SOURCE = "https://source.example"


@pytest.fixture(autouse=True)
def _nothing_left(backroom: Backroom) -> Iterator[None]:
    forget = """
        DELETE FROM outbox; DELETE FROM notices; UPDATE grants SET mandate_id = NULL; DELETE FROM permissions;
        DELETE FROM mandate_letters; DELETE FROM mandates
    """
    backroom.ask(forget)
    yield
    backroom.ask(forget)


@pytest.fixture
def mandating(vad_town: Town) -> Mandating:
    """Give the use cases."""
    found: Mandating = vad_town.app.extensions["vad.services"].mandates
    return found


@pytest.fixture
def sessions(new_person: Callable[[], Person], backroom: Backroom) -> tuple[Session, Session]:
    """Let two people log in: whose data it is, and who acts."""
    found = []
    for bsn in (SAMIRA, PIETER):
        person = new_person()
        person.open(f"{person.town.issuer}/mijn/activiteit")
        person.log_in(bsn)
        (session,) = (known for each in person.cookies.values() if (known := backroom.sessions.get(each)) is not None)
        found.append(session)
    return found[0], found[1]


class Ears:
    """Who was told what since the last time somebody listened."""

    def __init__(self, backroom: Backroom, sessions: tuple[Session, Session]) -> None:
        self._backroom = backroom
        self._people = {str(session.person_id): name for session, name in zip(sessions, "CP", strict=True)}

    def hear(self) -> list[str]:
        """One line each."""
        rows = self._backroom.ask("SELECT person_id, notice FROM notices")
        self._backroom.ask("DELETE FROM notices")
        return sorted(f"{self._people[str(person)]} {notice}" for person, notice in rows)


@pytest.fixture
def ears(backroom: Backroom, sessions: tuple[Session, Session]) -> Ears:
    """Give them."""
    return Ears(backroom, sessions)


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def wanted(**more: Any) -> Wanted:
    """Two kinds of data, every app, for a year."""
    return Wanted("Fleur", frozenset({"48", "49"}), frozenset(), **{"last_day": (now() + 300 * DAY).date()} | more)


def bring(mandating: Mandating, made: Made, to: Session, backroom: Backroom, maker: str) -> Mandate:
    """Bring the code of an offer or a request; give the mandate as it is then."""
    evidence = backroom.evidence(maker)
    assert evidence is not None
    mandate_id = mandating.codes.reach(to, made.code.reveal(), evidence.birth, now())
    found = mandating.answers.waiting(to, mandate_id, now())
    assert found is not None
    return found


def accepted(mandating: Mandating, sessions: tuple[Session, Session], backroom: Backroom, **more: Any) -> Mandate:
    """Give a mandate in force."""
    made = mandating.making.offer(sessions[0], wanted(**more), now())
    offered = bring(mandating, made, sessions[1], backroom, SAMIRA)
    return mandating.answers.accept(sessions[1], offered.mandate_id, now())


def test_from_offer_to_stop(
    mandating: Mandating, sessions: tuple[Session, Session], backroom: Backroom, ears: Ears
) -> None:
    """Each of the two hears of acceptance, of every change and of the end; an offer alone is nobody's news."""
    mandating.making.offer(sessions[0], wanted(), now())
    assert ears.hear() == []
    mandate = accepted(mandating, sessions, backroom)
    assert ears.hear() == ["C mandate.accepted", "P mandate.agreed"]
    changed = mandating.changes.stop_permission(
        sessions[1], mandate.mandate_id, mandate.permissions[0].permission_id, now()
    )
    assert ears.hear() == ["C mandate.changed", "P mandate.changed"]
    mandating.changes.move_end(sessions[0], changed.mandate_id, (now() + 100 * DAY).date(), now())
    assert ears.hear() == ["C mandate.changed", "P mandate.changed"]
    mandating.changes.stop(sessions[1], changed.mandate_id, now())
    assert ears.hear() == ["C mandate.ended", "P mandate.ended"]
    assert {kind for (kind,) in backroom.ask("SELECT kind FROM outbox")} == {"letter"}


def test_from_request_to_no(
    mandating: Mandating, sessions: tuple[Session, Session], backroom: Backroom, ears: Ears
) -> None:
    """Whose data it is hears of the request once it has reached them; both hear of the no."""
    made = mandating.making.request(sessions[1], wanted(), now())
    assert ears.hear() == []
    requested = bring(mandating, made, sessions[0], backroom, PIETER)
    assert ears.hear() == ["C mandate.requested"]
    mandating.answers.decline(sessions[0], requested.mandate_id, now())
    assert ears.hear() == ["C mandate.declined", "P mandate.declined"]


def test_the_clock_tells_too(
    mandating: Mandating, sessions: tuple[Session, Session], backroom: Backroom, ears: Ears, vad_town: Town
) -> None:
    """Thirty days ahead whose data it is, once for each end; at the end both."""
    mandate = accepted(mandating, sessions, backroom)
    backroom.ask("DELETE FROM notices")
    tell = MandateReminders(backroom.worker.work).tell
    for days, number in ((31, 0), (30, 1), (30, 0), (29, 0)):
        assert tell(mandate.ends_at - days * DAY) == number
    backroom.ask("UPDATE mandates SET ends_at = ends_at + interval '1 day', version = version + 1")
    assert tell(mandate.ends_at - 29 * DAY) == 1
    assert ears.hear() == ["C mandate.ends_soon"] * 2
    create_upkeep(vad_town.settings)[0].tidy(mandate.ends_at + 2 * DAY)
    assert ears.hear() == ["C mandate.ended", "P mandate.ended"]


def test_a_short_mandate_ends_without_a_reminder(
    mandating: Mandating, sessions: tuple[Session, Session], backroom: Backroom
) -> None:
    """Nobody hears "thirty days" of what was made for less."""
    mandate = accepted(mandating, sessions, backroom, last_day=(now() + 27 * DAY).date())
    tell = MandateReminders(backroom.worker.work).tell
    assert [tell(mandate.ends_at - days * DAY) for days in (28, 26, 24)] == [0, 0, 0]


def test_the_first_use_is_told_and_no_other(
    mandating: Mandating,
    sessions: tuple[Session, Session],
    backroom: Backroom,
    ears: Ears,
    acting_rp: RelyingParty,
    new_person: Callable[[], Person],
) -> None:
    """Whose data it is hears that somebody looked for the first time; the app's code and the notice commit together."""
    accepted(mandating, sessions, backroom)
    ears.hear()
    backroom.forget_consents()
    for heard in (["C mandate.first_used"], []):
        person = new_person()
        person.open(acting_rp.ask(resources=(SOURCE,), scope="openid 48").url)
        page = person.log_in(PIETER)
        (radio,) = (
            field.identifier for form in page.forms for field in form.fields if field.identifier == "represented-1"
        )
        person.press("represented-continue", {radio: True})
        person.press("acting-continue")
        person.consent()
        assert person.answer is not None
        assert ears.hear() == heard
    backroom.forget_consents()
