"""The quick starts for JavaScript libraries: their programs run as they stand there, in a town with real people."""

import re
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.docs.client_programs import Keep, Start
from tests.docs.conftest import OPENID_CLIENT
from tests.support import npm
from tests.support.documents import PROJECT, blocks, programs
from tests.support.person import FROUKE, PIETER, Person

REQUESTS = "docs/quickstart-oauth4webapi.md"
PAGE = "docs/quickstart-oidc-client-ts.md"
Program = Callable[[str, str], "subprocess.Popen[str]"]
THANKS = "Thank you. You may close this page."


@pytest.fixture
def program(node: str, keep: Keep, start: Start) -> Program:
    """Give a way to start a program of a document."""

    def run(document: str, name: str) -> "subprocess.Popen[str]":
        keep(name, programs(document, "js")[name])
        return start([node, name])

    return run


def _lines(process: "subprocess.Popen[str]") -> Iterator[str]:
    assert process.stdout is not None
    assert process.stderr is not None
    for line in process.stdout:
        yield line.rstrip("\n")
    complaints = process.stderr.read()
    assert process.wait(30) == 0, complaints


@pytest.mark.parametrize(("document", "name"), [(OPENID_CLIENT, "my_app.mjs"), (REQUESTS, "my_requests.mjs")])
def test_a_program_of_profile_nlgov(
    program: Program, new_person: Callable[[], Person], document: str, name: str
) -> None:
    """A person logs in, is greeted, their data is read by exchange and by refresh, and they are logged out."""
    person, lines = new_person(), _lines(program(document, name))
    person.open(_address(next(lines)))
    person.log_in(FROUKE)
    assert person.consent().text == THANKS
    printed = []
    for line in lines:
        printed.append(line)
        if line.startswith("Open "):
            assert person.open(_address(line)).text == THANKS
    assert _shown(printed) == _shown(_ending(document))
    assert FROUKE not in "".join(printed)


def test_a_program_of_profile_fapi2(program: Program, new_person: Callable[[], Person]) -> None:
    """The request is signed and pushed; tokens are bound to a key, and worth nothing without it."""
    person, lines = new_person(), _lines(program(OPENID_CLIENT, "my_fapi2.mjs"))
    person.open(_address(next(lines)))
    person.log_in(FROUKE)
    person.consent()
    assert list(lines) == _ending(OPENID_CLIENT, 1)


def test_a_program_of_profile_basic(program: Program, new_person: Callable[[], Person]) -> None:
    """A secret, a state and the library's own defaults are enough to know who logged in."""
    person, lines = new_person(), _lines(program(OPENID_CLIENT, "my_basic.mjs"))
    person.open(_address(next(lines)))
    person.log_in(FROUKE)
    person.consent()
    assert list(lines) == ["Hello, Frouke Jansen"]


def test_the_program_hears_no(program: Program, new_person: Callable[[], Person]) -> None:
    """An error at the redirect URI ends it."""
    process, person = program(OPENID_CLIENT, "my_app.mjs"), new_person()
    assert process.stdout is not None
    person.open(_address(process.stdout.readline()))
    person.log_in(PIETER)
    person.press("consent-refuse")
    _, complaints = process.communicate(timeout=30)
    assert (process.returncode, complaints) == (1, "not logged in: access_denied\n")


def _address(line: str) -> str:
    assert line.startswith("Open http"), line
    return line.removeprefix("Open ").strip()


def _ending(document: str, block: int = 0) -> list[str]:
    return blocks(document, "text")[block].text.splitlines()


def _shown(lines: list[str]) -> list[str]:
    """Without what is another each time: `sub` and addresses."""
    return [re.sub(r"(?<=Logged in: )\S+|(?<=Open )\S+", "…", line) for line in lines]


@pytest.mark.parametrize("document", [OPENID_CLIENT, REQUESTS, PAGE])
def test_the_version_is_the_tested_one(document: str) -> None:
    """What the reader installs is what ran here."""
    command = re.search(r"^npm install (.+)$", (PROJECT / document).read_text("utf-8"), re.MULTILINE)
    assert command is not None
    named = [package.rpartition("@") for package in command[1].split()]
    assert [npm.version(package) for package, _, _ in named] == [version for _, _, version in named]
