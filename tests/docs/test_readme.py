"""The README is right about the demo that it starts."""

import re
from collections.abc import Callable

from tests.support.documents import PROJECT
from tests.support.person import FROUKE, Person
from tests.support.town import Town
from vad.sandbox.demo.layout import WEB, Layout

README = (PROJECT / "README.md").read_text("utf-8")


def test_the_addresses_answer(vad_town: Town, new_person: Callable[[], Person]) -> None:
    """Frouke logs in at the app; then every address of the table shows its page."""
    programs = {Layout().port(key): key for key in WEB}
    told = [(programs[int(port)], path) for port, path in re.findall(r"<http://localhost:([0-9]+)(/?[^>]*)>", README)]
    assert told[0] == ("pgo", "")
    assert f"**Frouke Jansen, {FROUKE}**" in README
    person = new_person()
    person.open(vad_town.address("pgo"))
    person.press("login")
    person.log_in(FROUKE)
    page = person.consent()
    outcomes = {page.elements[f"data-{number}"]["data-outcome"] for number in (1, 2, 3)}
    assert outcomes == {"data"}
    for key, path in told:
        page = person.open(vad_town.address(key) + path)
        assert page.status == 200
        assert page.url == vad_town.address(key) + (path or "/"), "it leads on, to a log-in page perhaps"


def test_what_it_is_stands_in_five_lines() -> None:
    """A reader knows what VAD is before the first picture."""
    assert len(README.partition("\n\n")[2].partition("\n\n")[0].splitlines()) == 5
