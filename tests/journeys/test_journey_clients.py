"""Who looks after apps, and a second person: an app is registered, changed and stopped (rule 44)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.journeys.gate import gate
from tests.journeys.test_journey_staff import passes
from tests.journeys.test_journey_staff_requests import log_in
from tests.support.accessibility import assert_accessible, assert_no_horizontal_scroll
from tests.support.backroom import Backroom
from tests.support.old_events import happened
from tests.support.visitor import Hands, NewVisitor, Visitor

pytestmark = pytest.mark.journey


@pytest.fixture(autouse=True)
def nothing_left(backroom: Backroom) -> Iterator[None]:
    """Leave no app of these pages, and nothing that waits."""
    backroom.forget_requests()
    yield
    backroom.forget_requests()
    backroom.ask("DELETE FROM outbox; DELETE FROM notices; DELETE FROM clients WHERE client_id = 'rp-journey'")
    backroom.ask("UPDATE configuration_version SET version = version + 1")


def test_an_app_and_a_key_by_two_people(new_visitor: NewVisitor) -> None:
    """What apps and keys there are is another thing in every town: of those pages there is no record."""
    manager, second = new_visitor(), new_visitor()
    log_in(manager, "anneke", "/apps")
    manager.sees("Apps en organisaties")
    passes(manager)
    manager.page.click("#new")
    for field, value in {
        "client_id": "rp-journey",
        "name": "App van een formulier",
        "organisation": "Testbedrijf B.V.",
        "redirect_uris": "https://rp.example/terug",
        "jwks_uri": "https://rp.example/keys",
        "reason": "kort",
        "case_number": "CHG-7",
    }.items():
        manager.page.fill(f"#{field}", value)
    manager.press("#register")
    expect(manager.page.get_by_role("alert")).to_contain_text("Schrijf de reden")
    manager.page.get_by_role("alert").get_by_role("link").click()
    expect(manager.page.locator("#reason")).to_be_focused()
    manager.page.fill("#reason", "De app is toegelaten door de afdeling")
    manager.press("#register")
    gate(manager, "staff-client-request-own")
    log_in(second, "iris", "/verzoeken")
    second.page.click("main ul a")
    gate(second, "staff-client-request")
    second.with_hands(Hands.KEYBOARD).press("#approve")
    expect(second.page.locator("#state")).to_contain_text("Het is gedaan.")

    manager.open(f"{manager.town.address('admin')}/apps/rp-journey")
    manager.sees("App van een formulier")
    passes(manager)
    renamed(manager, second)
    manager.press("#stop")
    expect(manager.page.get_by_role("alert")).to_contain_text("Kies wat er gebeurt.")
    assert_accessible(manager.page)
    manager.choose("#stop-disable")
    manager.page.fill("#stop-reason", "De app lekt gegevens van mensen")
    manager.page.fill("#stop-case_number", "INC-7")
    manager.press("#stop")
    expect(manager.page.locator("#service")).to_contain_text("Niet in gebruik")

    erased(second)
    second.press("nav a[href='/sleutels']")
    second.sees("Sleutels van VAD")
    passes(second)
    second.page.select_option("#step", "key.rotate cache")
    second.page.fill("#reason", "De jaarlijkse wissel van deze sleutel")
    second.page.fill("#case_number", "CHG-12")
    second.press("#ask")
    second.at("/verzoeken/[0-9a-f-]+")
    expect(second.page.locator("#approve")).to_have_count(0)
    third = new_visitor()
    log_in(third, "samira", "/verzoeken")
    third.open(second.page.url)
    third.press("#approve")
    expect(third.page.locator("#command")).to_contain_text("vad keys rotate cache --request")


def test_without_scripts(new_visitor: NewVisitor) -> None:
    """What is registered of an organisation unfolds, and the forms of an app say what is wrong where it is."""
    manager = new_visitor(scripts=False)
    log_in(manager, "anneke", "/apps")
    manager.sees("Apps en organisaties")
    manager.press("#source-1 summary")
    expect(manager.page.locator("#source-1 dl")).to_contain_text("(introspection_encrypted_response_alg)")
    manager.page.select_option("#wie", "anderen")
    manager.press("#filter")
    manager.at("wie=anderen")
    manager.press("a[href$='/apps/rp-one']")
    manager.sees("Test rp-one")
    folded, box = "details:has(#admit-1) summary", manager.page.locator("#admit-1-1")
    manager.press(folded)
    ticked = not box.is_checked()
    box.set_checked(ticked)
    manager.press("#admit-1")
    expect(manager.page.get_by_role("alert")).to_contain_text("Schrijf de reden")
    expect(manager.page.locator("#admit-1-reason")).to_be_visible()
    expect(box).to_be_checked(checked=ticked)
    manager.page.fill("#admit-1-reason", "De organisatie vroeg om deze app")
    manager.page.fill("#admit-1-case_number", "CHG-21")
    manager.press("#admit-1")
    manager.at("/verzoeken/[0-9a-f-]+")
    manager.open(f"{manager.town.address('admin')}/apps/rp-one")
    manager.press("#stop")
    expect(manager.page.get_by_role("alert")).to_contain_text("Kies wat er gebeurt.")


def test_every_form_of_an_app(new_visitor: NewVisitor) -> None:
    """What is registered of an app, group by group, and of a new one. One stands for how all look."""
    manager = new_visitor()
    log_in(manager, "anneke", "/apps-aanmelden")
    for page in ("", "naam", "adressen", "tokens", "beveiliging", "bewijs"):
        if page:
            manager.open(f"{manager.town.address('admin')}/apps-wijzigen/{page}/rp-one")
        assert_accessible(manager.page)
        assert_no_horizontal_scroll(manager.page)
    gate(manager, "staff-client-bewijs")


def renamed(manager: Visitor, second: Visitor) -> None:
    """Give the app another name, which takes a reason and two people."""
    manager.page.click("#change-naam")
    manager.page.fill("#name", "Andere naam")
    manager.press("#change")
    expect(manager.page.get_by_role("alert")).to_contain_text("Schrijf de reden")
    assert_accessible(manager.page)
    expect(manager.page.locator("#name")).to_have_value("Andere naam")
    for field, value in (("reason", "De app heeft een andere naam gekregen"), ("case_number", "CHG-8")):
        manager.page.fill(f"#{field}", value)
    manager.press("#change")
    manager.at("/verzoeken/[0-9a-f-]+")
    second.open(manager.page.url)
    second.press("#approve")
    expect(second.page.locator("#state")).to_contain_text("Het is gedaan.")
    manager.open(f"{manager.town.address('admin')}/apps/rp-journey")
    manager.sees("Andere naam")


def erased(visitor: Visitor) -> None:
    """Ask for what an event keeps apart to be erased, and for a month to leave the log (rule 41)."""
    visitor.press("nav a[href='/logboek/wissen']")
    gate(visitor, "staff-log-erasing")
    for field, value in (("event", "x"), ("reason", "Er stond toch een naam in"), ("case_number", "AVG-31")):
        visitor.page.fill(f"#erase-{field}", value)
    visitor.press("#erase")
    gate(visitor, "staff-log-erasing-missing", english=False)
    visitor.page.get_by_role("alert").get_by_role("link").click()
    expect(visitor.page.locator("#erase-event")).to_be_focused()
    happened(visitor.town.database, "2020-02")
    for field, value in (("month", "2020-02"), ("reason", "De jaarlijkse opschoning"), ("case_number", "BEH-12")):
        visitor.page.fill(f"#purge-{field}", value)
    visitor.with_hands(Hands.KEYBOARD).press("#purge")
    visitor.sees("Een maand uit de database halen")
    passes(visitor)
