"""docs/audit-api.md: what one is told to try in the demo, as it stands there."""

import json
import subprocess

import requests

from tests.support.colleague import Colleague
from tests.support.documents import adapted, blocks


def test_a_program_of_an_auditor_asks(colleague: Colleague) -> None:
    """A token from the staff's own provider, and a question; whoever never logged in to the pages gets no answer."""
    colleague.log_in_as("tom")
    colleague.go("/")
    (shown,) = blocks("docs/audit-api.md", "sh")
    here = {"http://localhost:8113": colleague.admin, "http://localhost:8114": colleague.town.address("staff_idp")}
    done = subprocess.run(
        ["bash", "-c", adapted(shown.text, here)], capture_output=True, text=True, check=False, timeout=60
    )
    assert set(json.loads(done.stdout)) == {"helpers", "more"}, done.stdout + done.stderr

    audit = f"{colleague.admin}/v1/audit"
    form = {"person": "stagiair", "resource": audit}
    given = requests.post(f"{here['http://localhost:8114']}/program-token", data=form, timeout=10).json()
    bearer = {"Authorization": f"Bearer {given['access_token']}"}
    assert requests.get(f"{audit}/questions/helpers?moreThan=5", headers=bearer, timeout=10).status_code in {401, 403}
    nobody = requests.post(f"{here['http://localhost:8114']}/program-token", data={**form, "person": "x"}, timeout=10)
    assert (nobody.status_code, nobody.json()["error"]) == (400, "invalid_request")
