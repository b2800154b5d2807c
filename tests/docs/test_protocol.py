"""The protocol document says of refusals, endpoints and limits what the code does."""

import re

import pytest
import requests

from tests.support.documents import PROJECT
from tests.support.town import Town
from vad.domain.assurance import LevelOfAssurance
from vad.domain.ground import DenyReason
from vad.services import denials
from vad.web.oidc import parameters

PROTOCOL = (PROJECT / "docs" / "protocol.md").read_text("utf-8")
REFUSALS = {
    reason: (at_authorize, at_token)
    for reason, at_authorize, at_token in re.findall(
        r"^\| `([A-Z_]+)` \| [^|]+ \| `(\w+)` \| `(\w+)` \|$", PROTOCOL, re.MULTILINE
    )
}


@pytest.mark.parametrize("reason", DenyReason)
def test_every_reason_has_its_two_errors(reason: DenyReason) -> None:
    """The table of reasons is that of `vad/services/denials.py`, whole and right."""
    assert REFUSALS[reason] == (
        denials.at_authorize(reason).error,
        denials.at_token(reason, LevelOfAssurance.HOOG).error,
    )


def test_no_reason_is_made_up() -> None:
    """Nor does it hold reasons that no decision gives."""
    assert REFUSALS.keys() == {reason.value for reason in DenyReason}


def test_the_endpoints_are_there(vad_town: Town) -> None:
    """Each address of the table answers; one that does not exist would be a 404."""
    table = PROTOCOL.partition("## Endpoints")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`/.+?) \|", table, re.MULTILINE)
    addresses = [address for row in rows for address in re.findall(r"`(/[^`]+)`", row)]
    assert {"/authorize", "/token", "/jwks", "/register"} < set(addresses)
    found = {path: requests.get(vad_town.issuer + path, timeout=20).status_code for path in addresses}
    assert {path for path, status in found.items() if status == 404} == set()


def test_the_limits_are_those_of_the_code() -> None:
    """Lengths and numbers of parameters."""
    assert f"| one parameter | {parameters.LONGEST} characters; tokens and assertions 16,384 |" in PROTOCOL
    assert parameters.LONGEST_TOKEN == 16_384
    assert f"| `resource` | {parameters.MOST_RESOURCES} at `/authorize`, one at `/token` |" in PROTOCOL
