"""The quick starts do what they say: their code runs as it stands there, in a town with real people."""

import re
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from authlib.oauth2.rfc6749 import errors as authlib_errors

from tests.support.database import ask
from tests.support.documents import PROJECT
from tests.support.person import FROUKE, IRIS, PIETER, SEM_8, Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town
from vad.adapters.configuration import registrations

LOGGED_IN = re.compile(r"Logged in: \S+ at level http://eidas\.europa\.eu/LoA/substantial")
ROW = re.compile(r"^\| (?:[0-9]{3} \| )?(`[a-z_]+`(?:, `[a-z_]+`)*) \|", re.MULTILINE)
SOURCE = "http://localhost:8300"
TABLES = (PROJECT / "docs/quickstart-pgo.md").read_text("utf-8").partition("## What can go wrong")[2]


def _address(app: "subprocess.Popen[str]") -> str:
    assert app.stdout is not None
    line = app.stdout.readline()
    assert line.startswith("Open "), line
    return line.removeprefix("Open ").strip()


def _wait_for(port: int) -> None:
    """The app says where to go before it listens there."""
    until = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionRefusedError:
            assert time.monotonic() < until, "the app does not listen"
        else:
            return


def given_back(town: Town) -> int:
    """How often an app of this name gave something back."""
    ((count,),) = ask(
        town.database.superuser_url,
        "SELECT count(*) FROM audit_events WHERE type = 'grant.given_back' AND client_id = 'my-app'",
    )
    return int(count)


def test_the_app_reads_two_sources(
    app: "subprocess.Popen[str]", new_person: Callable[[], Person], the_town: Town
) -> None:
    """A person logs in and agrees; the app greets them, reads with a token by exchange and one by refresh, and ends."""
    before, person = given_back(the_town), new_person()
    person.open(_address(app))
    person.log_in(FROUKE)
    page = person.consent()
    assert page.text == "Thank you. You may close this page."
    printed, complaints = app.communicate(timeout=60)
    assert app.returncode == 0, complaints
    assert LOGGED_IN.search(printed), printed
    counted = dict(re.findall(r"^(\w+): ([1-9][0-9]*) records$", printed, re.MULTILINE))
    assert set(counted) == {"Hospital", "RIVM"}
    assert "Hello, Frouke Jansen\n" in printed
    assert "the hospital wants http://eidas.europa.eu/LoA/high\n" in printed
    assert printed.endswith("Given back.\n")
    assert FROUKE not in printed
    assert given_back(the_town) == before + 1


def test_the_app_says_for_whom_a_parent_acts(app: "subprocess.Popen[str]", new_person: Callable[[], Person]) -> None:
    """A parent chooses a young child; the app names both, and reads the child's data."""
    person = new_person()
    person.open(_address(app))
    person.log_in(IRIS)
    person.act_for("Sem Bos")
    person.consent()
    printed, complaints = app.communicate(timeout=60)
    assert app.returncode == 0, complaints
    assert "Hello, Iris Bos\nActing for Sem Bos\n" in printed
    assert set(re.findall(r"^(\w+): [2-9][0-9]* records$", printed, re.MULTILINE)) == {"Hospital", "RIVM"}
    assert SEM_8 not in printed


def test_the_app_hears_that_the_person_said_no(app: "subprocess.Popen[str]", new_person: Callable[[], Person]) -> None:
    """An error at the redirect URI ends the app with the code of the table."""
    person = new_person()
    person.open(_address(app))
    person.log_in(PIETER)
    person.press("consent-refuse")
    _, complaints = app.communicate(timeout=60)
    assert app.returncode == 1
    assert "not logged in: access_denied" in complaints


def test_the_app_does_not_believe_a_stranger(app: "subprocess.Popen[str]", new_person: Callable[[], Person]) -> None:
    """An answer with another state is no answer."""
    port = re.search(r"redirect_uri=http%3A%2F%2F127\.0\.0\.1%3A([0-9]+)%2F", _address(app))
    assert port is not None
    _wait_for(int(port[1]))
    new_person().open(f"http://127.0.0.1:{port[1]}/callback?code=stolen&state=another&iss=x")
    _, complaints = app.communicate(timeout=60)
    assert (app.returncode, complaints.strip()) == (1, "this is no answer to what we asked")


def test_everything_that_can_be_registered_is_told() -> None:
    """The table of a registration has each member that a file may hold, and no other."""
    told = (PROJECT / "docs/quickstart-pgo.md").read_text("utf-8").partition("| member of `[[clients]]` |")[2]
    rows = re.findall(r"^\| (`[a-z_0-9]+`(?:, `[a-z_0-9]+`)*) \|", told.partition("\n\n")[0], re.MULTILINE)
    known = registrations._Client.model_fields  # noqa: SLF001 - what a file may hold
    assert {name for row in rows for name in re.findall(r"\w+", row)} == set(known)


def test_every_error_of_the_tables_exists() -> None:
    """No table promises an error that neither VAD nor Authlib's grants know."""
    code = "".join(file.read_text("utf-8") for file in (PROJECT / "vad").rglob("*.py"))
    code += Path(authlib_errors.__file__).read_text("utf-8")
    promised = {error for row in ROW.findall(TABLES) for error in re.findall(r"\w+", row)}
    assert len(promised) > 12
    assert {error for error in promised if f'"{error}"' not in code} == set()


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"prompt": "none"}, "login_required"),
        ({"scope": "openid 63"}, "invalid_scope"),
        ({"scope": "48"}, "invalid_scope"),
        ({"request": "x"}, "invalid_request_object"),
        ({"nonce": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"resource": "https://elsewhere.example"}, "invalid_target"),
    ],
)
def test_errors_at_the_redirect_uri(
    my_app: RelyingParty, new_person: Callable[[], Person], asked: dict[str, str | None], error: str
) -> None:
    """These requests lead to the errors that the table gives for them, with `state` and `iss`."""
    person = new_person()
    scope = asked.get("scope") or "openid 48"
    changes = {"resource": SOURCE} | {name: value for name, value in asked.items() if name != "scope"}
    person.open(my_app.ask(scope=scope, resources=(), **changes).url)
    assert person.answer is not None, person.page
    assert (person.answer["error"], person.answer["iss"]) == (error, my_app.issuer)
    assert person.answer["state"]
