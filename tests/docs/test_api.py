"""The document of the API does what it says: its code runs as it stands there."""

import re
import subprocess
import sys
from collections.abc import Callable

import requests

from tests.support.api_client import Household
from tests.support.backroom import Backroom
from tests.support.documents import PROJECT, Reader, adapted, programs
from tests.support.person import HENDRIK, Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town

API = "docs/api.md"


def test_the_example_stops_a_mandate(
    reader: Reader, the_town: Town, my_app: RelyingParty, new_person: Callable[[], Person], backroom: Backroom
) -> None:
    """It lists, stops what is active, and says so once more when there is nothing to stop."""
    household = Household(new_person(), new_person(), my_app, backroom)
    household.authorise("48")
    program = reader.folder / "my_mandates.py"
    program.write_text(adapted(programs(API)["my_mandates.py"], {"http://localhost:8100": the_town.issuer}))
    token = household.log_in(household.father, HENDRIK)["access_token"]
    printed = []
    for given in (token, token, "stolen"):
        done = subprocess.run(
            [sys.executable, str(program)], input=given, capture_output=True, text=True, check=False, timeout=60
        )
        printed.append(done.stdout or done.stderr)
    assert printed[0] == "represented, active: Samira el Amrani (Basic care data)\nrevoked\n"
    assert printed[1] == "represented, revoked: Samira el Amrani (Basic care data)\n"
    assert printed[2].startswith("401 invalid_token: ")


def test_the_operations_and_codes_are_those_of_the_api(the_town: Town) -> None:
    """The tables name each operation of the OpenAPI document, and no code that VAD does not know."""
    text = (PROJECT / API).read_text("utf-8")
    told = set(re.findall(r"^\| `([A-Z]+ /[^`]+)` \|", text, re.MULTILINE))
    paths = requests.get(f"{the_town.issuer}/v1/openapi.json", timeout=20).json()["paths"]
    assert told == {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    code = "".join(file.read_text("utf-8") for file in (PROJECT / "vad").rglob("*.py"))
    named = {
        each
        for row in re.findall(r"^\| [0-9, ]+ \| ([^|]+) \|", text, re.MULTILINE)
        for each in re.findall(r"`(\w+)`", row)
    }
    assert len(named) > 8
    assert {each for each in named if f'"{each}"' not in code} == set()
