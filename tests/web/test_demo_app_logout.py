"""The demo's own app and logging out, with VAD itself: both ways, over real HTTP."""

from datetime import UTC, datetime

import pytest

from tests.support.person import FROUKE, Person
from tests.support.town import Town
from vad.bootstrap.upkeep import create_upkeep

pytestmark = pytest.mark.slow


def at_the_app(person: Person) -> None:
    """Log in to the app, and see data."""
    app = person.town.address("pgo")
    person.open(app)
    person.press("login")
    person.log_in(FROUKE)
    person.consent()
    assert person.page.url == f"{app}/gegevens"


def test_the_apps_button_logs_out_of_both(person: Person, vad_town: Town) -> None:
    """Its own session and VAD's end, unasked, and the app says so."""
    at_the_app(person)
    page = person.press("logout")
    assert page.url.startswith(f"{vad_town.address('pgo')}/uitgelogd?state=")
    assert "Ook bij VAD bent u uitgelogd." in page.text
    assert person.open(f"{vad_town.issuer}/mijn/activiteit").heading == "Inloggen bij VAD"
    assert person.open(f"{vad_town.address('pgo')}/gegevens").url == f"{vad_town.address('pgo')}/"


def test_logging_out_at_vad_ends_the_apps_session(person: Person, vad_town: Town) -> None:
    """VAD's worker tells the app, and the app obeys."""
    at_the_app(person)
    person.open(f"{vad_town.issuer}/mijn/activiteit")
    person.press("logout")
    assert create_upkeep(vad_town.settings)[0].deliver(datetime.now(UTC)).taken >= 1
    assert person.open(f"{vad_town.address('pgo')}/gegevens").url == f"{vad_town.address('pgo')}/"
