"""The other forms of staff: a legal mandate, stopping for a caller, an app (rules 24, 29 and A7)."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from tests.support.backroom import Backroom
from tests.support.colleague import Colleague
from tests.support.person import ANNEKE
from tests.support.relying_party_client import new_key, public
from tests.support.town_fixtures import REDIRECT
from tests.web.admin.test_two_people import WHY, in_a_month

WILLEM = "999992971"


@pytest.fixture(autouse=True)
def nothing_left(backroom: Backroom) -> Iterator[None]:
    """Leave the town as it was."""
    yield
    backroom.ask("DELETE FROM outbox; DELETE FROM notices; DELETE FROM clients WHERE client_id = 'rp-form'")
    backroom.ask("UPDATE clients SET owner = 'file', active = true")
    backroom.ask("UPDATE configuration_version SET version = version + 1")
    backroom.forget_mandates()


def test_a_legal_mandate_from_the_form(new_colleague: Callable[[], Colleague], backroom: Backroom) -> None:
    """Asked for by the helpdesk, agreed to by an administrator; shown in the list, where its end is asked for."""
    asker, second = new_colleague(), new_colleague()
    asker.log_in_as("karin")
    second.log_in_as("samira")
    asker.go("/wettelijk")
    people = {"represented": WILLEM, "representative": ANNEKE, "reference": "C/10/123456"}
    page = asker.press("ask", {"legal_kind": True, "service": True, **people, **in_a_month(), **WHY})
    assert page.heading == "Een wettelijke machtiging maken", page.text
    second.go(page.address.removeprefix(asker.admin))
    assert "Het is gedaan." in second.press("approve").text
    assert backroom.ask("SELECT state FROM mandates WHERE route = 'legal'") == [("active",)]
    page = second.go("/wettelijk")
    assert "C/10/123456" in page.text
    why = {"renew-1-reason": WHY["reason"], "renew-1-case_number": WHY["case_number"]}
    page = second.press("renew-1", {"renew-1-reference": "C/10/123456", **in_a_month("renew-1-last"), **why})
    assert (page.status, "besluit dat er al is" in page.text) == (400, True)
    assert 'href="#renew-1-reference"' in page.text, "the form that was sent, of all that the page has"
    assert page.elements["renew-1-case_number"]["value"] == WHY["case_number"]
    assert page.elements["reference"].get("value", "") == "", "no other form keeps it"
    later = {**in_a_month("renew-1-last"), "renew-1-last-year": str(datetime.now(UTC).year + 2)}
    page = second.press("renew-1", {"renew-1-reference": "C/10/777777", **later, **why})
    assert page.heading == "Een wettelijke machtiging verlengen", page.text
    assert "C/10/777777" in page.text
    second.go("/wettelijk")
    page = second.press("end-1", {"end-1-reason": WHY["reason"], "end-1-case_number": "2026/18"})
    assert page.heading == "Een wettelijke machtiging stoppen", page.text
    assert WILLEM not in page.text


def test_a_wrong_stop_code_is_told(colleague: Colleague, backroom: Backroom) -> None:
    """On the page, and as an event of the account."""
    colleague.log_in_as("karin")
    colleague.go("/stopcode")
    page = colleague.press("stop", {"code": "K7P4-9QXM-2C", **in_a_month("birth")})
    assert (page.status, "horen niet bij elkaar" in page.text) == (400, True)
    assert backroom.events("mandate.code_refused")[-1]["staff"]


def changed_by_form(asker: Colleague, second: Colleague) -> None:
    """Change some of every kind of field of the app, and look at it again."""
    assert asker.go("/apps-wijzigen/niets/rp-form").status == 404
    assert asker.go("/apps-wijzigen/naam/rp-geen").status == 404
    asker.go("/apps-wijzigen/bewijs/rp-form")
    page = asker.press("change", {"token_endpoint_auth_method": "tls_client_auth", **WHY})
    assert (page.status, 'href="#certificate_value"' in page.text) == (400, True)
    certificate = {"certificate_kind": "tls_client_auth_san_dns", "certificate_value": "App.example"}
    page = asker.press("change", certificate)
    assert page.heading == "Wijzigen wat er van een app is aangemeld", page.text
    assert "app.example" in second.go(page.address.removeprefix(asker.admin)).text
    assert "Het is gedaan." in second.press("approve").text
    asker.go("/apps-wijzigen/tokens/rp-form")
    more = {"grant_types_2": False, "tls_client_certificate_bound_access_tokens": True}
    page = asker.press("change", {**more, "id_token_signed_response_alg": "PS256", **WHY})
    second.go(page.address.removeprefix(asker.admin))
    assert "Het is gedaan." in second.press("approve").text
    asker.go("/apps-wijzigen/beveiliging/rp-form")
    page = asker.press("change", {"default_max_age": "-1", "default_acr_values_2": True, **WHY})
    assert (page.status, "default_max_age: Vul 0 of meer in." in page.text) == (400, True)
    assert 'href="#default_max_age"' in page.text
    page = asker.press("change", {"default_max_age": "0"})
    second.go(page.address.removeprefix(asker.admin))
    assert "Het is gedaan." in second.press("approve").text
    assert asker.go("/apps-wijzigen/beveiliging/rp-form").elements["default_max_age"]["value"] == "0"
    page = asker.go("/apps/rp-form")
    for text in ("tls_client_auth_san_dns: app.example", "PS256", "http://eidas.europa.eu/LoA/high"):
        assert text in page.text
    assert "token-exchange" not in page.text
    asker.go("/apps-wijzigen/naam/rp-form")
    page = asker.press("change", {**WHY})
    assert (page.status, "Er is niets anders" in page.text) == (400, True)
    back = {"token_endpoint_auth_method": "private_key_jwt", "certificate_kind": "", "certificate_value": ""}
    asker.go("/apps-wijzigen/bewijs/rp-form")
    page = asker.press("change", {**back, **WHY})
    second.go(page.address.removeprefix(asker.admin))
    assert "Het is gedaan." in second.press("approve").text


def test_an_app_from_the_form_and_its_stop(new_colleague: Callable[[], Colleague], backroom: Backroom) -> None:
    """Two register it; one stops it; what can't be registered is told by field."""
    asker, second = new_colleague(), new_colleague()
    asker.log_in_as("anneke")
    second.log_in_as("iris")
    asker.go("/apps-aanmelden")
    form = {
        "client_id": "rp-form",
        "name": "App uit een formulier",
        "organisation": "Testbedrijf B.V.",
        "redirect_uris": REDIRECT,
        "keys": json.dumps(public(new_key("form", use="sig", alg="ES256"))),
        **WHY,
    }
    wrong = {"redirect_uris": "http://elders.example/", "request_uris": "http://elders.example/"}
    page = asker.press("register", {**form, **wrong, "certificate_value": "CN=app"})
    assert page.status == 400
    for field in (*wrong, "certificate_kind"):
        assert f'href="#{field}"' in page.text, "each where it is wrong"
        assert f'id="{field}-error"' in page.text
    assert page.elements["client_id"]["value"] == "rp-form", "what was typed is kept"
    page = asker.press("register", {**form, "request_uris": "", "certificate_value": ""})
    assert page.heading == "Een app aanmelden", page.text
    second.go(page.address.removeprefix(asker.admin))
    assert "Het is gedaan." in second.press("approve").text
    changed_by_form(asker, second)
    asker.go("/apps/rp-form")
    why = {"fetch-reason": WHY["reason"], "fetch-case_number": WHY["case_number"]}
    page = asker.press("fetch-keys", {"fetch-jwks_uri": "http://rp.example/keys", **why})
    assert (page.status, 'href="#fetch-jwks_uri"' in page.text) == (400, True)
    page = asker.press("fetch-keys", {"fetch-jwks_uri": "https://rp.example/keys", **why})
    assert "https://rp.example/keys" in second.go(page.address.removeprefix(asker.admin)).text
    assert "Het is gedaan." in second.press("approve").text
    assert "De app zet ze zelf op https://rp.example/keys." in asker.go("/apps/rp-form").text
    why = {"stop-reason": WHY["reason"], "stop-case_number": WHY["case_number"]}
    page = asker.press("stop", dict(why))
    assert (page.status, "Kies wat er gebeurt." in page.text, WHY["reason"] in page.text) == (400, True, True)
    assert 'href="#stop-disable"' in page.text
    page = asker.press("stop", {"stop-disable": True})
    assert "Niet in gebruik" in page.text
    assert backroom.ask("SELECT active, owner FROM clients WHERE client_id = 'rp-form'") == [(False, "pages")]
    second.go("/sleutels")
    assert "vad keys rotate seal" in second.page.text
