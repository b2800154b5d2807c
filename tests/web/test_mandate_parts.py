"""Mandates for one app or one organisation (rule 21): what is outside stays outside, and a part stops alone."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.backroom import Backroom
from tests.support.mandate_pages import at_home, log_in_for
from tests.support.person import HENDRIK, SAMIRA, Person
from tests.support.relying_party_client import RelyingParty, claims_of
from tests.web.test_mandates import HENDRIKS_NAME, SOURCE, SOUTH, Family, link


@pytest.fixture
def family(new_person: Callable[[], Person], backroom: Backroom) -> Iterator[Family]:
    """Give two people with nothing between them, and leave nothing behind."""
    backroom.forget_mandates()
    backroom.forget_consents()
    yield Family(new_person(), new_person(), backroom)
    backroom.forget_mandates()
    backroom.forget_consents()


def test_an_apps_grant_ends_with_its_last_part(family: Family, acting_rp: RelyingParty) -> None:
    """Rules 21 and 27: the app for which nothing is left, its grant and its consent; what another app may do stays."""
    family.authorise("48", "51", apps=("rp-acts", "pgo-demo"))
    held = family.act(acting_rp)
    own = at_home(family.father, HENDRIK, "/mijn/machtigingen/gegeven")
    stop = link(family.father, own.text, "stoppen")
    ask = family.backroom.ask
    parts = ask("SELECT permission_id FROM permissions WHERE client_id = 'rp-acts' ORDER BY data_service")
    states = "SELECT state FROM grants WHERE mandate_id IS NOT NULL"
    for (part,), state, left in zip(parts, ("active", "ended"), (3, 2), strict=True):
        family.father.open(f"{stop}?deel={part}")
        assert "Dit deel van de machtiging is gestopt." in family.father.press("stop").text
        assert ask(states) == [(state,)]
        assert ask("SELECT count(*) FROM permissions WHERE live") == [(left,)]
    assert acting_rp.refresh(held["refresh_token"]).json()["error"] == "invalid_grant"
    ended = family.backroom.events("consent.withdrawn")
    assert {(each["client_id"], each["reason"]) for each in ended} == {("rp-acts", "mandate_ended")}
    assert "Actief" in family.father.open(f"{family.father.town.issuer}/mijn/machtigingen/gegeven").text


def test_what_ended_stays_in_view_for_fifteen_months(family: Family) -> None:
    """Rule 30: for both, and not a day longer."""
    family.authorise("48")
    sides = (
        (family.father, HENDRIK, "/mijn/machtigingen/gegeven", "Samira el Amrani"),
        (family.helper, SAMIRA, "/mijn/machtigingen/gekregen", HENDRIKS_NAME),
    )
    own = at_home(*sides[0][:3])
    family.father.open(link(family.father, own.text, "stoppen"))
    family.father.press("stop")
    for days, shown in ((455, True), (457, False)):
        for moment in ("made_at", "starts_at", "changed_at"):
            family.backroom.change_mandates(f"{moment} = now() - %s * interval '1 day'", days)
        for person, bsn, path, other in sides:
            assert (other in at_home(person, bsn, path).text) is shown, (days, path)


def test_a_mandate_for_one_organisation(family: Family, acting_rp: RelyingParty) -> None:
    """Rule 21: what she may see there she may not see elsewhere; both read at which organisation."""
    family.authorise("48", "51", apps=("*", SOURCE))
    for kind in ("Basisgegevens Zorg", "Documenten"):
        assert f"{kind}, bij Laboratorium Noord" in family.helper.page.text
    asked = acting_rp.ask(resources=(SOURCE, SOUTH), scope="openid 48 51")
    page = log_in_for(acting_rp, family.helper, SAMIRA, HENDRIKS_NAME, asked)
    page = family.helper.press("acting-continue")
    assert "Laboratorium Noord" in page.text
    assert "Laboratorium Zuid" not in page.text
    family.helper.consent()
    assert family.helper.answer is not None
    held = acting_rp.redeem(asked, family.helper.answer["code"]).json()
    assert claims_of(acting_rp.exchange(held["access_token"], SOURCE).json()["access_token"])["scope"] == "48 51"
    assert acting_rp.exchange(held["access_token"], SOUTH).json()["error"] == "invalid_target"
