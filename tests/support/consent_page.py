"""Standing before the consent page (P5), and answering it in ways of one's own."""

from tests.support.person import FROUKE, Person
from tests.support.relying_party_client import Asked, RelyingParty

LAB = "https://source.example"
"""The tests' own data source."""


def reach(person: Person, rp: RelyingParty, resources: tuple[str, ...], bsn: str = FROUKE, **more: str) -> Asked:
    """Stand before the consent page."""
    asked = rp.ask(resources=resources, scope="openid 51 63" if len(resources) > 1 else "openid 51", **more)
    person.answer = None
    person.open(asked.url)
    if "login-submit" in person.page.elements:
        person.log_in(bsn)
    if "continue" in person.page.elements:
        person.press("continue")
    return asked


def post(person: Person, **changes: list[str]) -> tuple[int, str]:
    """Answer the page as it stands, with these fields changed; gives the status and the page."""
    form = person.filled_in("consent-give") | {"action": ["give"]} | changes
    answer = person.send("POST", person.page.url, form)
    return answer.status_code, answer.text


def code_of(person: Person) -> str:
    """The code that the app got."""
    assert person.answer is not None
    assert "code" in person.answer, person.answer
    return person.answer["code"]
