"""The quick starts for JavaScript libraries: their programs run as they stand there, in a town with real people."""

import re
from collections.abc import Callable

import pytest

from tests.docs.client_journeys import address, ending, printed
from tests.docs.client_programs import PAGE, Program
from tests.docs.conftest import FAPI2, OPENID_CLIENT, REQUESTS
from tests.support import npm
from tests.support.documents import PROJECT
from tests.support.person import PIETER, Person


@pytest.mark.parametrize(("document", "name"), [(OPENID_CLIENT, "my_app.mjs"), (REQUESTS, "my_requests.mjs")])
def test_a_program_of_profile_nlgov(
    program: Program, new_person: Callable[[], Person], document: str, name: str
) -> None:
    """A person logs in, is greeted, their data is read by exchange and by refresh, and they are logged out."""
    assert printed(program(document, name), new_person()) == ending(document)


def test_a_program_of_profile_basic(program: Program, new_person: Callable[[], Person]) -> None:
    """A secret, a state and the library's own defaults are enough for all of that."""
    assert printed(program(OPENID_CLIENT, "my_basic.mjs"), new_person()) == ending(OPENID_CLIENT, 1)


def test_the_program_hears_no(program: Program, new_person: Callable[[], Person]) -> None:
    """An error at the redirect URI ends it."""
    process, person = program(OPENID_CLIENT, "my_app.mjs"), new_person()
    assert process.stdout is not None
    person.open(address(process.stdout.readline()))
    person.log_in(PIETER)
    person.press("consent-refuse")
    _, complaints = process.communicate(timeout=30)
    assert (process.returncode, complaints) == (1, "not logged in: access_denied\n")


@pytest.mark.parametrize("document", [OPENID_CLIENT, REQUESTS, PAGE, FAPI2])
def test_the_version_is_the_tested_one(document: str) -> None:
    """What the reader installs is what ran here."""
    command = re.search(r"^npm install (.+)$", (PROJECT / document).read_text("utf-8"), re.MULTILINE)
    assert command is not None
    named = [package.rpartition("@") for package in command[1].split()]
    assert [npm.version(package) for package, _, _ in named] == [version for _, _, version in named]
