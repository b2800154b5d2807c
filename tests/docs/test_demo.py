"""docs/demo.md is right: its overlay works, its ids are on the pages, its faults and persons exist."""

import json
import re
import sys
import tomllib
from collections.abc import Callable

import pytest
import requests

from tests.support.backroom import Backroom
from tests.support.documents import PROJECT, Reader, adapted, blocks, programs
from tests.support.mandate_pages import at_home, born, bring, code_on
from tests.support.person import FROUKE, HENDRIK, IRIS, SAMIRA, Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town
from vad.domain.staff import StaffRole
from vad.sandbox.demo import registering
from vad.sandbox.demo.layout import WEB, Layout
from vad.sandbox.persons import is_bsn
from vad.sandbox.staff_idp.staff import load_staff

DOCUMENT = "docs/demo.md"
TEXT = (PROJECT / DOCUMENT).read_text("utf-8")
MEI = "999990482"


def _table(heading: str) -> dict[str, str]:
    """The first two columns of the table under a heading, without marks."""
    part = TEXT.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| (.*?) \|", part.replace("`", ""), re.MULTILINE)
    return dict(rows[1:])


def test_the_overlay_is_laid_over_the_demo(vad_town: Town) -> None:
    """Settings replace those of the demo, placeholders are filled in, and the client is registered."""
    assert vad_town.settings.operator.name == "Our own demo"
    assert vad_town.settings.log.level == "debug"
    client = vad_town.app.extensions["vad.services"].registrations.client("our-app")
    assert (client.name, client.redirect_uris) == ("Our App", ("http://127.0.0.1:8201/callback",))
    assert len(client.jwks) == 1


def test_the_person_of_the_example_can_log_in(my_app: RelyingParty, new_person: Callable[[], Person]) -> None:
    """Somebody of one's own exists at DigiD and in the BRP."""
    asked = my_app.ask(resources=("http://localhost:8300",), scope="openid 48")
    assert is_bsn(MEI)
    assert MEI in blocks(DOCUMENT, "toml")[1].text
    assert new_person().authorize(asked, MEI)


def test_the_limits_are_those_of_the_demo() -> None:
    """Each limit that the demo raises is told, and no other."""
    raised = tomllib.loads((PROJECT / "config/demo/vad.toml").read_text("utf-8"))["limits"]
    part = TEXT.partition("| setting of `[limits]` |")[2].partition("\n\n")[0]
    told = re.findall(r"^\| `(\w+)` \| ([0-9]+) \|$", part, re.MULTILINE)
    assert {name: int(number) for name, number in told} == raised


def test_the_addresses_are_the_layout_s() -> None:
    """Ports and placeholders are those that the demo uses when nothing else is asked."""
    part = TEXT.partition("## Addresses")[2].partition("## Test persons")[0]
    told = dict(re.findall(r"^\| ([0-9]+) \| .*? \| `\$\{(\w+)\}` \|", part, re.MULTILINE))
    assert {Layout().port(key): key for key in WEB} == {int(port): key for port, key in told.items()}


def test_every_name_of_the_demo_is_found() -> None:
    """What is to be added to /etc/hosts are the names that the demo has over https, all of them."""
    told = [name for line in re.findall(r"^127\.0\.0\.1 (.+)$", TEXT, re.MULTILINE) for name in line.split()]
    known = Layout(tls=True)
    assert sorted(told) == sorted(known.host(key) for key in known.addresses())


def test_an_app_registers_itself(vad_town: Town, reader: Reader, new_person: Callable[[], Person]) -> None:
    """The commands work as they stand there: the app is served, and a source gives it a token at once."""
    (reader.folder / "make_registration.py").write_text(programs(DOCUMENT)["make_registration.py"])
    registering.offer(vad_town.state, vad_town.settings)
    places = {".demo/keys/registration-token": str(vad_town.state.registration_token)}
    places |= {".venv/bin/python": sys.executable, "http://localhost:8100": vad_town.issuer}
    register, look = (block.text for block in blocks(DOCUMENT, "sh") if "--oauth2-bearer" in block.text)
    made = json.loads(reader.shell(adapted(register, places)))
    known = {name: made[name] for name in ("registration_access_token", "registration_client_uri")}
    assert json.loads(reader.shell(look, **known)) == made
    key = json.loads((reader.folder / "my-own-app.json").read_text())
    rp = RelyingParty(vad_town.issuer, made["client_id"], made["redirect_uris"][0], key)
    asked = rp.ask(resources=(vad_town.address("hospital"),), scope="openid 48")
    held = rp.redeem(asked, new_person().authorize(asked)).json()
    assert held["scope"] == "openid 48"


def test_the_test_persons_are_those_of_the_demo(vad_town: Town) -> None:
    """Every BSN and name of the table is a test person, and nobody is left out."""
    known = {person["bsn"]: person for person in vad_town.programs["brp"]["persons"]}
    told = _table("Test persons")
    assert set(told) == set(known) - {MEI}
    for bsn, name in told.items():
        person = known[bsn]
        parts = (person["voornamen"], person["voorvoegsel"], person["geslachtsnaam"])
        assert name == " ".join(part for part in parts if part)


def test_the_staff_are_those_of_the_demo() -> None:
    """Every account of the table, with its name and roles, and nobody is left out."""
    part = TEXT.partition("## The staff and the log")[2].partition("\n## ")[0]
    told = {
        found[1]: (found[2], found[3])
        for found in re.finditer(r"^\| `([a-z-]+)` \| (.*?) \| (.*?) \|$", part, re.MULTILINE)
    }
    known = load_staff([PROJECT / "config" / "demo" / "staff.toml"])
    assert {each.subject: each.name for each in known} == {account: name for account, (name, _) in told.items()}
    names = {role.value.replace("_", " ") for role in StaffRole}
    for each in known:
        roles = {role.replace("_", " ") for role in each.roles} & names or {"none"}
        assert told[each.subject][1].partition(":")[0] == ", ".join(sorted(roles))


def test_the_ids_are_on_the_pages(vad_town: Town, new_person: Callable[[], Person]) -> None:
    """A script finds every id that the table names, page by page."""
    person = new_person()
    seen = {}
    seen["app, home"] = set(person.open(vad_town.address("pgo")).elements)
    seen["VAD, log in"] = set(person.press("login").elements)
    seen["mock DigiD"] = set(person.press("login-submit").elements)
    seen["VAD, consent"] = set(person.press("login-submit", {"bsn": FROUKE}).elements)
    seen["VAD, every page when logged in"] = seen["VAD, consent"]
    page = person.consent()
    assert page.elements["data-1"]["data-outcome"] == "data"
    seen["app, data"] = set(page.elements)
    page = person.open(f"{vad_town.issuer}/mijn/toestemmingen")
    seen["VAD, consents for apps (/mijn/toestemmingen)"] = set(page.elements)
    parent = new_person()
    parent.open(vad_town.address("pgo"))
    parent.press("login")
    seen["VAD, whose data (/voor-wie)"] = set(parent.log_in(IRIS).elements)
    page = parent.press("represented-continue", {"represented-1": True})
    seen["VAD, for somebody else (/namens)"] = set(page.elements)
    seen["VAD, consent for somebody else"] = set(parent.press("acting-continue").elements)
    assert "acting" in parent.consent().elements
    child = new_person()
    child.open(vad_town.address("pgo"))
    child.press("login")
    seen["VAD, refused"] = set(child.log_in("999990895").elements)
    assert_told(seen)


def test_ids_that_the_demo_does_not_come_by_are_in_the_templates() -> None:
    """Those of pages that need an app of another kind, which tests of these pages press."""
    templates = {
        name: (PROJECT / f"vad/web/templates/{name}.html").read_text("utf-8") for name in ("consent", "logout")
    }
    templates["macros"] = (PROJECT / "vad/web/templates/macros.html").read_text("utf-8")
    told = _table("For scripts")
    for row, template in (
        ("VAD, consent to the API for mandates", "consent"),
        ("VAD, an app that registered itself: log in, already logged in, consent", "macros"),
        ("VAD, links of an app: log in, consent", "macros"),
        ("VAD, log out of an app (/logout)", "logout"),
    ):
        for name in told[row].split(", "):
            assert re.search(rf"""id"?(=|: )"{name}\"""", templates[template]), name
    assert told["VAD, consent to claims about oneself"] == "claims-1 …"
    assert '"idPrefix": "claims"' in templates["consent"]


def assert_told(seen: dict[str, set[str]]) -> None:
    """Each of these pages is in the table, and has every id that the table names."""
    told = _table("For scripts")
    assert set(seen) <= set(told)
    for page_name, ids in seen.items():
        named = set(re.findall(r"[a-z]+(?:-[a-z0-9]+)*", told[page_name].partition(" with ")[0]))
        assert named
        assert named - {"ticked", "already"} <= ids, page_name


def test_the_ids_of_mandates_are_on_the_pages(
    vad_town: Town, new_person: Callable[[], Person], backroom: Backroom
) -> None:
    """The same, from an offer to its stop, and where a letter is asked for."""
    backroom.forget_mandates()
    seen = {}
    father, helper = new_person(), new_person()
    seen["VAD, whom to authorise (/mijn/machtigen/wie)"] = set(at_home(father, HENDRIK, "/mijn/machtigen/wie").elements)
    page = father.press("continue", {"label": "Samira"})
    seen["VAD, what may they see (/mijn/machtigen/wat)"] = set(page.elements)
    page = father.press("continue", {"kind-1": True, "app-every": True})
    seen["VAD, for how long (/mijn/machtigen/hoelang)"] = set(page.elements)
    page = father.press("continue", {"term-1": True})
    seen["VAD, everything once more (/mijn/machtigen/controle)"] = set(page.elements)
    page = father.press("make")
    seen["VAD, the code for the other"] = set(page.elements)
    code = code_on(page)
    page = at_home(helper, SAMIRA, "/mijn/machtigingen/code")
    seen["VAD, enter a code (/mijn/machtigingen/code)"] = set(page.elements)
    page = bring(helper, SAMIRA, code, born(backroom, HENDRIK))
    seen["VAD, an offer"] = set(page.elements)
    helper.press("accept")
    page = at_home(father, HENDRIK, "/mijn/machtigingen/gegeven")
    both = set(page.elements) & set(at_home(helper, SAMIRA, "/mijn/machtigingen/gekregen").elements)
    seen["VAD, who may see my data (/mijn/machtigingen/gegeven, /mijn/machtigingen/gekregen)"] = both
    page = father.open(f"{vad_town.issuer}{page.elements['stop-1']['href']}")
    seen["VAD, stop it or not"] = set(page.elements)
    page = at_home(helper, SAMIRA, "/mijn/machtiging-per-brief/wie")
    seen["VAD, whom to ask by letter (/mijn/machtiging-per-brief/wie)"] = set(page.elements)
    page = new_person().open(f"{vad_town.issuer}/machtiging-stoppen")
    seen["VAD, stop with the code of a letter (/machtiging-stoppen)"] = set(page.elements)
    backroom.forget_mandates()
    assert_told(seen)


@pytest.mark.parametrize("program", ["digid", "brp", "prs", "hospital", "gp", "rivm"])
def test_the_faults_exist(vad_town: Town, program: str) -> None:
    """Every mode of the table is taken by the program it is for, and ended."""
    own = "wrong_nonce, wrong_audience, wrong_issuer, expired, too_low, foreign_key, unsigned, not_encrypted"
    for modes in _table("Making things go wrong"):
        for mode in re.findall(r"\w+", modes) if modes not in (own, "representing") or program == "digid" else ():
            if mode != "mode":
                vad_town.fault(program, mode)
    vad_town.fault(program)


def test_the_commands_for_faults_work(vad_town: Town) -> None:
    """What the curl commands send is taken by the programs that they name."""
    text = next(block.text for block in blocks(DOCUMENT, "sh") if "/control/faults" in block.text)
    sent = re.findall(r"^curl --json '(.+)' http://localhost:([0-9]+)(/\S+)$", text, re.MULTILINE)
    assert len(sent) == len(text.splitlines())
    programs = {Layout().port(key): key for key in WEB}
    for body, port, path in sent:
        address = vad_town.address(programs[int(port)])
        assert requests.post(address + path, json=json.loads(body), timeout=5).ok
    vad_town.fault("digid")
