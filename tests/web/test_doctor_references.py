"""`vad doctor` on the references that apps of profile `ministry` hand on."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.ministry import HANDS_ON, OPEN, PROXY
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town
from vad.adapters.postgres.database import Database, Limits
from vad.cli.doctor_references import handed_references
from vad.cli.findings import Level

Look = Callable[..., dict[str, tuple[Level, str]]]


@pytest.fixture
def look(vad_town: Town) -> Look:
    """Give a function that looks with other settings of the ministry, or other profiles."""
    known = vad_town.settings

    def findings(profiles: str = known.service.profiles, **ministry: object) -> dict[str, tuple[Level, str]]:
        service = known.service.model_copy(update={"profiles": profiles})
        changed = {"service": service, "ministry": known.ministry.model_copy(update=ministry)}
        with closing(Database(known.database.url.get_secret_value(), Limits(connections=1))) as database:
            found = handed_references(known.model_copy(update=changed), database)
            return {finding.check: (finding.level, finding.text) for finding in found}

    return findings


def test_each_app_that_is_named_is_looked_at(vad_town: Town, look: Look, rp: RelyingParty) -> None:
    """Whether its `rid` leads to the source that it is named with; else why not."""
    gp, hospital = vad_town.address("gp"), vad_town.address("hospital")
    assert look()[f"rid of {HANDS_ON}"] == (Level.OK, f"leads to {gp}")
    for named, source, says in (
        ("nobody", gp, "the app is not registered, or not in service"),
        (rp.client_id, gp, "the app is of profile nlgov, and finds no rid in userinfo"),
        (OPEN, gp, "the app proves nothing, so no source admits it"),
        (PROXY, gp, "the source does not admit the app"),
        (HANDS_ON, f"{gp}/", "the source is not registered, or not in service"),
        (HANDS_ON, hospital, "the source is registered as bsn_jwe, not as rid"),
    ):
        told = look(rid_clients=f"{named}={source}")[f"rid of {named}"]
        assert told == (Level.FAIL, f"its rid leads nowhere: {says}"), named
    level, text = look(profiles="nlgov")[f"rid of {HANDS_ON}"]
    assert (level, text.rpartition(": ")[2]) == (Level.FAIL, "service.profiles does not allow ministry")
    assert look(rid_clients="", rid_key_file=None) == {}


def test_the_keys_are_looked_at(vad_town: Town, look: Look, tmp_path: Path) -> None:
    """One is well, several are a change that has to end, and none that can be read is a failure."""
    file = vad_town.settings.ministry.rid_key_file
    assert file is not None
    known = json.loads(file.read_text())
    assert look()["rid keys"] == (Level.OK, known["kid"])
    several = tmp_path / "several.json"
    several.write_text(json.dumps({"keys": [known, {**known, "kid": "former"}]}))
    level, text = look(rid_key_file=several)["rid keys"]
    assert (level, text.partition(";")[0]) == (Level.WARN, f"{known['kid']}, former")
    level, text = look(rid_key_file=tmp_path / "absent")["rid keys"]
    assert (level, text) == (Level.FAIL, "ministry.rid_key_file: No such file or directory")
    several.write_text("{}")
    level, text = look(rid_key_file=several)["rid keys"]
    assert level is Level.FAIL
    assert "JSON Web Key" in text
