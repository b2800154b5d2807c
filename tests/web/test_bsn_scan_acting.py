"""Rule 31 where people act for others: no BSN in what letters, reports, staff and helpers leave behind."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import requests

from tests.support.backroom import Backroom
from tests.support.bsn_witness import WILLEM, Witness, witness
from tests.support.colleague import Colleague
from tests.support.letters import Letters, birth_dates, stop
from tests.support.mandate_pages import at_home, authorised, log_in_for, offered
from tests.support.person import ANNEKE, FROUKE, GERRIT_WITHOUT, PIETER, SAMIRA, Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town
from tests.web.admin.test_two_people import WHY, in_a_month
from vad.bootstrap.upkeep import create_upkeep

__all__ = ["witness"]

LAB = "https://source.example"


@pytest.mark.slow
def test_no_bsn_stands_where_people_act_for_others(
    vad_town: Town,
    acting_rp: RelyingParty,
    new_colleague: Callable[[], Colleague],
    backroom: Backroom,
    witness: Witness,
) -> None:
    """Where somebody typed one too: a daughter for her father's letter, staff to find a person and for a mandate."""
    asker, second = new_colleague(), new_colleague()
    with witness.watching():
        worker = create_upkeep(vad_town.settings)[0]
        letters = Letters(witness.somebody(), backroom, vad_town, worker, birth_dates())
        _told_by_mail(witness.somebody(), letters)
        _by_code(acting_rp, backroom, witness)
        _by_letter(letters, witness.somebody())
        _by_staff(asker, second)
        while worker.deliver(datetime.now(UTC)).taken:
            pass
        worker.tidy(datetime.now(UTC))
    witness.scan_all(least=60)
    # Staff may see the one that they asked for, on a page that nobody keeps.
    addresses = [url for colleague in (asker, second) for url in colleague.urls]
    assert any("/personen/" in url for url in addresses)
    witness.scan("addresses of staff", "\n".join(addresses))
    witness.scan_logs("mandate")
    witness.scan_redis()
    filled = ("persons", "contacts", "notices", "mandates", "permissions", "mandate_letters", "legal_mandates")
    witness.scan_tables(*filled, "cases", "case_texts", "staff_accounts", "staff_requests", "audit_erasable")


def _told_by_mail(person: Person, letters: Letters) -> None:
    """Somebody proves an address, and reports something that is not right."""
    at_home(person, SAMIRA, "/mijn/berichten")
    person.press("contact-ask", {"email": "samira-scan@post.example"})
    letters.deliver()
    items = requests.get(f"{letters.town.address('post')}/items", timeout=10).json()
    [mail] = [item for item in items if item["kind"] == "mail" and item["to"] == "samira-scan@post.example"]
    [code] = re.findall(r"^(\d{6})$", mail["text"], re.MULTILINE)
    assert "Berichten gaan nu naar uw e-mailadres." in person.press("contact-prove", {"code": code}).text
    at_home(person, SAMIRA, "/mijn/melding")
    form = person.filled_in("case-send") | {"text": ["Dit was ik niet."], "reach": ["mail"]}
    assert person.send("POST", "/mijn/melding", form).status_code == 303


def _by_code(rp: RelyingParty, backroom: Backroom, witness: Witness) -> None:
    """An offer that is taken and used, one that nobody takes, and a wrong code."""
    grantor, helper = witness.somebody(), witness.somebody()
    authorised((grantor, FROUKE), (helper, PIETER), backroom, "51")
    offered(grantor, FROUKE, "48")
    at_home(helper, PIETER, "/mijn/machtigingen/code")
    helper.press("continue", {"code": "K7P4-9QXM-2C", "birth-day": "1", "birth-month": "1", "birth-year": "1980"})
    asked = rp.ask(resources=(LAB,), scope="openid 51")
    log_in_for(rp, helper, PIETER, "Frouke Jansen", asked)
    helper.press("acting-continue")
    helper.consent()
    assert helper.answer is not None
    own = rp.redeem(asked, helper.answer["code"])
    at_source = rp.exchange(own.json()["access_token"], LAB)
    assert at_source.status_code == 200
    witness.responses += [own, at_source, rp.userinfo(own.json()["access_token"])]
    for path in ("gegeven", "gekregen"):
        at_home(helper, PIETER, f"/mijn/machtigingen/{path}")
    at_home(grantor, FROUKE, "/mijn/activiteit")


def _by_letter(letters: Letters, father: Person) -> None:
    """A father without a DigiD: his daughter types his BSN; he stops it by the code in his letter."""
    code = letters.given()
    assert stop(father, code, letters.born[GERRIT_WITHOUT]).status == 200


def _by_staff(asker: Colleague, second: Colleague) -> None:
    """A person found by BSN, and a mandate of a court between two whose BSNs are typed; a second person agrees."""
    asker.log_in_as("karin")
    second.log_in_as("samira")
    asker.go("/personen")
    asker.press("find", {"person": FROUKE, **WHY})
    asker.go("/wettelijk")
    people = {"represented": WILLEM, "representative": ANNEKE, "reference": "C/10/123456"}
    page = asker.press("ask", {"legal_kind": True, "service": True, **people, **in_a_month(), **WHY})
    second.go(page.address.removeprefix(asker.admin))
    assert "Het is gedaan." in second.press("approve").text
