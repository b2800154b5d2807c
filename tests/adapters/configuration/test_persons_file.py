"""The file of fictional people that a sandbox shares claims of: read strictly, and never quoted."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.test_settings import Load, faults, load
from vad.adapters.configuration.files import ConfigurationFileError
from vad.adapters.configuration.persons_file import PersonsFile
from vad.domain.identifiers import Bsn

__all__ = ["load"]

FROUKE, SOMEBODY = "999991772", "123456782"


def test_what_is_known_of_somebody(tmp_path: Path) -> None:
    """Each by their own BSN, and nothing of anybody else."""
    file, known = tmp_path / "persons.json", {"email": "a@b.example", "address": {"locality": "Zeist"}}
    file.write_text(json.dumps({FROUKE: known}))
    persons = PersonsFile.read(file)
    assert (persons.of(Bsn(FROUKE)), persons.of(Bsn(SOMEBODY))) == (known, {})
    assert FROUKE not in repr(persons)


@pytest.mark.parametrize(
    "content",
    [
        {SOMEBODY: {"email": "a@b.example"}},
        {FROUKE: {"sub": "x"}},
        {FROUKE: {"email": 1}},
        {FROUKE: {"email_verified": "yes"}},
        {FROUKE: {"updated_at": True}},
        {FROUKE: {"address": "Kerkstraat"}},
        {FROUKE: {"address": {"country": 31}}},
        {FROUKE: []},
        [],
    ],
)
def test_anything_else_is_refused(tmp_path: Path, content: Any) -> None:
    """Real people above all: their BSNs do not begin so, and stand in no file."""
    file = tmp_path / "persons.json"
    file.write_text(json.dumps(content))
    with pytest.raises(ConfigurationFileError) as refused:
        PersonsFile.read(file)
    assert not [secret for secret in (FROUKE, SOMEBODY, "a@b") if secret in str(refused.value)]
    file.write_text("{")
    with pytest.raises(ConfigurationFileError):
        PersonsFile.read(file)


def test_a_sandbox_alone_shares_claims_of_people(load: Load, tmp_path: Path) -> None:
    """The file holds fictional people; production has no place that knows anybody's e-mail address for apps."""
    file = tmp_path / "persons.json"
    named = {"VAD__STANDARD_CLAIMS__PERSONS_FILE": str(file)}
    told = "standard_claims.persons_file: is for a sandbox, and refused in production"
    assert faults(load, **named) == {told, "standard_claims.persons_file: is no file"}
    file.write_text("{}")
    assert faults(load, **named) == {told}
    assert load(VAD__SERVICE__DEPLOYMENT="development", **named).standard_claims.persons_file == file
