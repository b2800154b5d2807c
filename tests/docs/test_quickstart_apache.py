"""Apache with mod_auth_openidc does what its quick start says: log in, keep tokens fresh, end sessions."""

from collections.abc import Callable
from datetime import UTC, datetime

import requests

from tests.docs import client_journeys
from tests.docs.apache import Serve
from tests.support.person import FROUKE, Person
from tests.support.town import Town
from vad.bootstrap.upkeep import create_upkeep


def test_apache_knows_who_is_there(serve: Serve, new_person: Callable[[], Person], the_town: Town) -> None:
    """The site greets by the header; its token is refreshed and exchanged; who logs out is logged out at VAD too."""
    site = serve(3600)  # of tokens of five minutes: refreshed at each visit
    client_journeys.of_the_site(new_person(), site, the_town)
    stranger = requests.get(site, headers={"OIDC_CLAIM_sub": "x"}, timeout=20, allow_redirects=False)
    assert stranger.is_redirect, "headers of one's own are no login"


def test_apache_hears_that_a_session_ended(serve: Serve, new_person: Callable[[], Person], the_town: Town) -> None:
    """Who logs out at VAD is at once nobody at the site."""
    upkeep, _ = create_upkeep(the_town.settings)
    site, person = serve(60), new_person()
    person.open(site)
    person.log_in(FROUKE)
    assert person.consent().heading == "Hello, Frouke Jansen"
    person.log_out()
    while upkeep.deliver(datetime.now(UTC)).taken:
        pass
    assert "login-submit" in person.open(site).elements


def test_apache_with_a_secret(serve: Serve, new_person: Callable[[], Person], the_town: Town) -> None:
    """Profile `basic`: greeted, refreshed and logged out at the library's own defaults."""
    client_journeys.of_the_plain_site(new_person(), serve(3600, by_secret=True), the_town)
