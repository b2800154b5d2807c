"""The web app with Flask and Authlib does what its quick start says."""

from collections.abc import Callable

from tests.docs import client_journeys
from tests.docs.client_programs import Keep, Start
from tests.docs.conftest import WEB_APP
from tests.support.documents import programs, wait_for
from tests.support.person import PIETER, Person
from tests.support.town import Town


def test_the_web_app(
    keep: Keep, start: Start, new_person: Callable[[], Person], the_town: Town, client_door: str
) -> None:
    """People log in, are greeted, see their data and log out, at VAD too; who says no is told so."""
    keep("web_app.py", programs(WEB_APP)["web_app.py"])
    wait_for(client_door, start(client_journeys.gunicorn(client_door)))
    app = f"http://{client_door}/"
    client_journeys.of_the_web_app(new_person(), app, the_town)

    other = new_person()
    other.open(app)
    other.press("login")
    other.log_in(PIETER)
    page = other.press("consent-refuse")
    assert "error" in page.elements
    assert "access_denied" in page.text
