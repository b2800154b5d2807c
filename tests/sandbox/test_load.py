"""`vad sandbox load`: people as VAD itself writes them, in a sandbox and nowhere else."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.conftest import CacheServer, DatabaseServer
from tests.support.backroom import Backroom
from tests.support.database import new_database
from tests.support.town import Town, town
from vad.adapters.vault.errors import SealBrokenError
from vad.adapters.vault.master_key import MasterKey
from vad.cli.main import cli
from vad.domain.access import AccessRequest, Permit, decide
from vad.domain.assurance import LevelOfAssurance
from vad.domain.consent import Consent, Duration
from vad.domain.identifiers import Bsn
from vad.domain.mandate import Mandate, MandateState
from vad.sandbox.demo.configuration import DEFAULTS
from vad.sandbox.errors import SandboxError
from vad.sandbox.load import loader, numbers
from vad.sandbox.load.loader import Loader, Wanted, open_sandbox
from vad.sandbox.persons import is_bsn
from vad.services.ports.records import Person
from vad.settings import Settings

PERSONS, MANDATES, CONSENTS = 23, 15, 69


@pytest.fixture(scope="module")
def the_town(
    postgres: DatabaseServer, migrated_template: str, redis_server: CacheServer, server_directory: Path
) -> Iterator[Town]:
    """Give a town of this module's own, for it is filled and emptied."""
    with (
        new_database(postgres, migrated_template) as database,
        town(server_directory / "loaded", database, redis_server.url, served=False) as built,
    ):
        yield built


@pytest.fixture(autouse=True)
def _empty(backroom: Backroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is there; a batch is small enough for several of them."""
    # In this town alone: what refers to people is emptied with them, also what is never emptied elsewhere.
    backroom.ask("ALTER TABLE staff_requests DISABLE TRIGGER append_only_table")
    backroom.ask("TRUNCATE persons CASCADE")
    monkeypatch.setattr(loader, "_BATCH", 5)


def load(made: Town, persons: int = PERSONS, mandates: int = MANDATES, consents: int = CONSENTS) -> Result:
    """Run the command."""
    asked = ["--persons", str(persons), "--mandates", str(mandates), "--consents", str(consents)]
    known = {"VAD_CONFIG": os.pathsep.join(map(str, (DEFAULTS, made.state.configuration)))}
    return CliRunner().invoke(cli, ["sandbox", "load", *asked], env=known)


def counted(backroom: Backroom) -> tuple[int, ...]:
    """How many persons, mandates and consents there are."""
    statement = (
        "SELECT (SELECT count(*) FROM persons), (SELECT count(*) FROM mandates), (SELECT count(*) FROM consents)"
    )
    return backroom.ask(statement)[0]


def person(backroom: Backroom, number: int) -> Person:
    """A person that was loaded, as a login finds them."""
    with backroom.foundation.work() as tx:
        found = tx.persons.find_or_add(Bsn(numbers.nth(number)), datetime.now(UTC))
    assert found.evidence is not None, "found, and not added"
    return found


def allows(backroom: Backroom, who: Person, consent: Consent) -> bool:
    """Whether an app that asks now gets what was agreed to."""
    known = backroom.foundation.registrations
    client, source = known.client(consent.client_id), known.resource_server(consent.resource)
    assert client is not None
    level, at = LevelOfAssurance.SUBSTANTIEEL, datetime.now(UTC)
    asked = AccessRequest(
        who.person_id, who.person_id, client, source, consent.data_services, level, at.replace(year=2099)
    )
    with backroom.foundation.work() as tx:
        standing = tx.standings.of_request(who.person_id, who.person_id, consent.client_id, ())
    assert standing is not None
    return isinstance(decide(asked, standing.facts, at), Permit)


def test_everybody_is_there_and_can_be_decided_about(vad_town: Town, backroom: Backroom) -> None:
    """Each is found by their BSN and opened with the keys of the sandbox; what they agreed to carries a decision."""
    done = load(vad_town)
    assert done.exit_code == 0, done.output
    assert counted(backroom) == (PERSONS, MANDATES, CONSENTS)
    permitted, over = 0, 0
    for number in range(PERSONS):
        who, at = person(backroom, number), datetime.now(UTC)
        with backroom.foundation.work() as tx:
            live = tx.consents.live(who.person_id, at)
        assert all(each.live(at) and each.duration is Duration.UNTIL_STOPPED for each in live)
        own = [each for each in live if each.subject == who.person_id]
        permitted += sum(allows(backroom, who, each) for each in own)
        over += not own
    ((standing,),) = backroom.ask(
        "SELECT count(*) FROM consents WHERE person_id = subject AND duration = 'until_stopped'"
    )
    assert permitted == standing > PERSONS
    assert over < PERSONS / 2


def test_mandates_are_in_force(vad_town: Town, backroom: Backroom) -> None:
    """They went through the moves that there are; some wait for an answer, the others live with their permissions."""
    assert load(vad_town, mandates=40).exit_code == 0
    at = datetime.now(UTC)
    seen: list[Mandate] = []
    for number in range(PERSONS):
        with backroom.foundation.work() as tx:
            seen += tx.mandates.of(person(backroom, number).person_id, at)
    assert {each.state for each in seen} == {MandateState.ACTIVE, MandateState.OFFERED}
    active = {each.mandate_id: each for each in seen if each.state is MandateState.ACTIVE}
    assert all(each.live(at) and each.version == 3 and each.label == "" for each in active.values())
    assert all(
        each.open(at) and each.version == 1 and each.label for each in seen if each.state is MandateState.OFFERED
    )
    assert {uuid for (uuid,) in backroom.ask("SELECT DISTINCT mandate_id::text FROM permissions WHERE live")} == set(
        map(str, active)
    )
    acting = backroom.ask("SELECT person_id::text, subject::text FROM consents WHERE person_id <> subject")
    between = {(str(each.representative), str(each.represented)) for each in active.values()}
    assert acting
    assert set(acting) <= between


def test_what_was_stopped_goes_on(vad_town: Town, backroom: Backroom) -> None:
    """Batches are there as a whole or not at all, and nobody is there twice."""
    batches = Loader(open_sandbox(vad_town.settings)).load(Wanted(PERSONS, MANDATES, CONSENTS), 0)
    assert [next(batches), next(batches)] == [5, 5]
    del batches
    assert counted(backroom)[0] == 10
    done = load(vad_town)
    assert "10 persons are there already" in done.output
    assert counted(backroom) == (PERSONS, MANDATES, CONSENTS)
    again = load(vad_town)
    assert f"{PERSONS} persons are there already" in again.output
    assert counted(backroom) == (PERSONS, MANDATES, CONSENTS)


def test_a_database_that_somebody_else_filled_is_refused(vad_town: Town, backroom: Backroom) -> None:
    """It says so in one line, and leaves no half of a batch."""
    person_id = backroom.person_id(numbers.nth(7))
    done = load(vad_town)
    assert done.exit_code == 1
    assert done.output.splitlines()[-1].startswith("Error: somebody is there already")
    assert counted(backroom)[0] == 6
    assert person(backroom, 4).person_id != person_id


@pytest.mark.parametrize("what", ["production", "another master key", "no demo's master key"])
def test_what_is_no_sandbox_is_refused(vad_town: Town, tmp_path: Path, what: str) -> None:
    """Nothing is written where a single sign of something real is there."""
    known = vad_town.settings
    match what:
        case "production":
            known = changed(known, service=known.service.model_copy(update={"deployment": "production"}))
        case _:
            file = tmp_path / "master.key"
            file.write_text(MasterKey.generate_text(demo=what == "another master key"))
            known = changed(known, keys=known.keys.model_copy(update={"master_key_file": file}))
    with pytest.raises((SandboxError, SealBrokenError)):
        open_sandbox(known)


def changed(known: Settings, **sections: Any) -> Settings:
    """Other settings."""
    return known.model_copy(update=sections)


def test_where_no_demo_is_it_says_so(tmp_path: Path) -> None:
    """One line, and no folder is made."""
    done = CliRunner().invoke(cli, ["sandbox", "load", "--state", str(tmp_path / "none")], env={"VAD_CONFIG": ""})
    assert done.exit_code == 1
    assert done.output.startswith("Error: there is no demo in ")
    assert not (tmp_path / "none").exists()


def test_the_numbers_are_bsns_of_nobody() -> None:
    """Nine digits that pass the 11-proof, each once; the people of the demo begin with 999."""
    sample = [numbers.nth(number) for number in (*range(5_000), *range(numbers.MOST - 100, numbers.MOST))]
    assert all(map(is_bsn, sample))
    assert len(set(sample)) == len(sample)
    assert all("900000000" <= bsn < "999000000" for bsn in sample)
    with pytest.raises(ValueError, match="no such numbers"):
        numbers.nth(numbers.MOST)
