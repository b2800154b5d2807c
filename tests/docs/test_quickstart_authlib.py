"""The web app with Flask and Authlib does what its quick start says."""

import sys
from collections.abc import Callable

from tests.docs.client_programs import Keep, Start
from tests.docs.conftest import WEB_APP
from tests.support.documents import programs, wait_for
from tests.support.person import FROUKE, PIETER, Person
from tests.support.town import Town


def test_the_web_app(
    keep: Keep, start: Start, new_person: Callable[[], Person], the_town: Town, client_door: str
) -> None:
    """People log in, are greeted, see their data and log out, at VAD too; who says no is told so."""
    keep("web_app.py", programs(WEB_APP)["web_app.py"])
    wait_for(
        client_door, start([sys.executable, "-m", "gunicorn", "--bind", client_door, "--threads", "4", "web_app:app"])
    )
    app, person = f"http://{client_door}/", new_person()
    person.open(app)
    person.press("login")
    person.log_in(FROUKE)
    page = person.consent()
    assert (page.url, page.heading) == (app, "Hello, Frouke Jansen")
    assert "Hospital: 9, RIVM: 5" in page.text
    assert "Hospital: 9, RIVM: 5" in person.open(app).text, "the next refresh token was kept"

    page = person.press("logout")
    assert (page.address, page.heading) == (f"{app}logged-out", "You are logged out")
    assert "login-submit" in person.open(f"{the_town.issuer}/mijn/activiteit").elements
    assert person.open(app).heading == "Nobody is logged in"

    other = new_person()
    other.open(app)
    other.press("login")
    other.log_in(PIETER)
    page = other.press("consent-refuse")
    assert "error" in page.elements
    assert "access_denied" in page.text
