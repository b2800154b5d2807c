"""What changes while somebody is on the pages: a source that is withdrawn, a store that goes away and comes back."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.backroom import Backroom
from tests.support.person import NOOR_15, Person
from tests.support.relying_party_client import RelyingParty
from vad.adapters.postgres.granting import APPEND_EVENTS

LAB = "https://source.example"


@contextmanager
def withdrawn(backroom: Backroom, source: str) -> Iterator[None]:
    """Take a source out of service, as an operator's `vad clients apply` does, and put it back."""
    _set_active(backroom, source, "false")
    try:
        yield
    finally:
        _set_active(backroom, source, "true")


def _set_active(backroom: Backroom, source: str, active: str) -> None:
    backroom.ask("UPDATE resource_servers SET active = %s WHERE identifier = %s", active, source)
    backroom.ask("UPDATE configuration_version SET version = version + 1")
    # Every process sees it within a second; this one at once.
    registrations = backroom.town.app.extensions["vad.services"].registrations
    registrations.check()


def test_a_source_withdrawn_on_the_way_is_a_refusal(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """The person reads that it can't be done now, and the log has the reason (rule 3)."""
    person.open(rp.ask(resources=(LAB,), scope="openid 51").url)
    with withdrawn(backroom, LAB):
        page = person.log_in()
        assert page.status == 403
        assert "op dit moment" in page.text
        assert [event["reason"] for event in backroom.events("authorization.refused")] == ["BLOCKED"]


def test_a_refusal_without_its_event_is_not_told(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """While the log can't be written nobody hears of a refusal: it has its event or is none (rule 39)."""
    person.open(rp.ask(resources=(LAB,), scope="openid 51").url)
    person.press("login-submit")
    backroom.ask("REVOKE INSERT ON audit_events FROM vad_app")
    try:
        assert person.press("login-submit", {"bsn": NOOR_15}).status >= 500
    finally:
        backroom.ask(f"GRANT {APPEND_EVENTS} ON audit_events TO vad_app")
    assert backroom.events("authorization.refused") == []


def test_a_refusal_can_be_read_again(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Reloading, or asking for the other language, shows the same page; the log has it once."""
    person.open(rp.ask(resources=(LAB,), scope="openid 51").url)
    page = person.log_in(NOOR_15)
    assert page.status == 403
    again = person.open(f"{page.url}&taal=en")
    assert again.status == 403
    assert "You are too young" in again.text
    assert len(backroom.events("authorization.refused")) == 1
