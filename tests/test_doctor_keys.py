"""`vad doctor` on keys: how old, what comes next, and whether there is one for every algorithm that is demanded."""

from collections.abc import Callable
from contextlib import closing

import pytest

from tests.test_cli import CLIENT, JWK, Operator, empty_database, operator, ready
from vad import settings
from vad.adapters.postgres.database import Database
from vad.adapters.vault.master_key import MasterKey
from vad.cli.doctor_keys import keys
from vad.cli.findings import Level

__all__ = ["empty_database", "operator", "ready"]

Look = Callable[[], dict[str, tuple[Level, str]]]


@pytest.fixture
def look(ready: Operator, monkeypatch: pytest.MonkeyPatch) -> Look:
    """Give a function that looks at the keys of an installation that has just been made; `ready` is its operator."""
    assert ready.run("keys", "init").exit_code == 0
    monkeypatch.setenv("VAD__DATABASE__URL", ready.database.app_url)
    monkeypatch.setenv("VAD__DATABASE__MIGRATE_URL", ready.database.migrate_url)
    monkeypatch.setenv("VAD__REDIS__URL", "redis://127.0.0.1:1/0")

    def findings() -> dict[str, tuple[Level, str]]:
        with closing(Database(ready.database.app_url)) as database:
            found = keys(settings.load((ready.folder,)), database)
            return {finding.check: (finding.level, finding.text) for finding in found}

    return findings


def test_a_next_signing_key_belongs_to_every_algorithm(ready: Operator, look: Look) -> None:
    """Published from the start; a warning names the algorithms without one, and says what publishes it."""
    assert look()["next signing keys"] == (Level.OK, "published for ES256, PS256, RS256")
    assert {level for level, _ in look().values()} == {Level.OK}
    ready.rows("DELETE FROM keys WHERE state = 'next' AND algorithm <> 'RS256' RETURNING 1")
    told = look()["next signing keys"]
    assert told == (Level.WARN, "none is published for ES256, PS256: run `vad keys init`")
    assert ready.run("keys", "init").exit_code == 0
    assert look()["next signing keys"] == (Level.OK, "published for ES256, PS256, RS256")


@pytest.mark.parametrize(
    ("setting", "purposes"),
    [
        ("published_days", {"signing", "request_encryption", "digid_signing", "digid_encryption", "staff_idp_signing"}),
        ("secret_days", {"seal", "lookup", "handles", "cache"}),
    ],
)
def test_a_key_that_is_too_old_is_told(ready: Operator, look: Look, setting: str, purposes: set[str]) -> None:
    """Older than its setting is a warning; keys that never change, and the one that logs everybody out, may be old."""
    ready.rows("UPDATE keys SET activated_at = now() - interval '40 days' RETURNING 1")
    ready.write("ages.toml", f"[keys]\n{setting} = 40")
    assert [check for check, (level, _) in look().items() if level is Level.WARN] == []
    ready.write("ages.toml", f"[keys]\n{setting} = 39")
    found = look()
    old = {f"keys {purpose}" for purpose in purposes}
    assert {check for check, (level, _) in found.items() if level is Level.WARN} == old
    assert all(found[f"keys {purpose}"][1].endswith("; older than 39 days: rotate it") for purpose in purposes)


def test_a_retired_key_that_was_left_is_told(ready: Operator, look: Look) -> None:
    """It would still verify what somebody signs with a copy of it; destroyed at once it is gone."""
    assert ready.run("keys", "rotate", "signing", "--algorithm", "ES256", "--now").exit_code == 0
    assert look()["retired keys"] == (Level.OK, "1, none for over a day")
    ready.rows("UPDATE keys SET retired_at = retired_at - interval '25 hours' WHERE state = 'retired' RETURNING 1")
    level, text = look()["retired keys"]
    assert (level, text) == (Level.WARN, "1 retired for over a day (signing): run `vad keys retire`")
    ((old,),) = ready.rows("SELECT key_id FROM keys WHERE state = 'retired'")
    assert ready.run("keys", "retire", str(old), "--now").exit_code == 0
    assert look()["retired keys"] == (Level.OK, "0, none for over a day")


def test_every_algorithm_that_is_demanded_has_a_key(ready: Operator, look: Look) -> None:
    """Of VAD itself and of every active registration; what is not active demands nothing."""
    ready.write("clients.toml", f'{CLIENT}id_token_signed_response_alg = "PS256"\n')
    assert ready.run("clients", "apply").exit_code == 0
    assert look()["signing algorithms"] == (Level.OK, "a key for each of ES256, PS256")
    ready.rows("DELETE FROM keys WHERE purpose = 'signing' AND algorithm = 'PS256' RETURNING 1")
    level, text = look()["signing algorithms"]
    assert (level, text) == (Level.FAIL, "no active key for PS256 (app): run `vad keys init`")
    ready.write("clients.toml", "")
    assert ready.run("clients", "apply").exit_code == 0
    assert look()["signing algorithms"] == (Level.OK, "a key for each of ES256")
    ready.rows("DELETE FROM keys WHERE purpose = 'signing' RETURNING 1")
    found = look()
    assert found["keys signing"][0] is Level.FAIL
    assert found["signing algorithms"] == (Level.FAIL, "no active key for ES256 (VAD itself): run `vad keys init`")


def test_how_requests_are_encrypted_has_a_key(ready: Operator, look: Look) -> None:
    """An installation that is older than the algorithm lacks one until `vad keys init`."""
    ready.write("clients.toml", f'{CLIENT}request_object_encryption_alg = "RSA-OAEP-256"\n')
    assert ready.run("clients", "apply").exit_code == 0
    ready.rows("DELETE FROM keys WHERE algorithm = 'RSA-OAEP-256' RETURNING 1")
    told = "no active key for RSA-OAEP-256 (app): run `vad keys init`"
    assert look()["signing algorithms"] == (Level.FAIL, told)
    assert ready.run("keys", "init").output == "1 keys made\n"
    assert look()["signing algorithms"][0] is Level.OK


SOURCE = f"""
[[data_services]]
id = "49"
name_nl = "Huisartsgegevens"
name_en = "GP data"
[[resource_servers]]
identifier = "https://source.example"
name = "De Linde"
organisation = "De Linde"
data_services = ["49"]
identifier_type = "bsn_jwe"
encryption_jwk = {JWK}
access_token_signing_alg = "RS256"
"""


def test_a_source_is_signed_for_as_a_profile_here_allows(ready: Operator, look: Look) -> None:
    """RS256 where `fapi2` is alone: told of what is registered, and refused from then on, with what to take."""
    ready.write("source.toml", SOURCE)
    assert ready.run("clients", "apply").exit_code == 0
    assert look()["signing algorithms"][0] is Level.OK
    ready.write("profiles.toml", '[service]\nprofiles = "fapi2"')
    level, text = look()["signing algorithms"]
    assert (level, text.partition(":")[0]) == (Level.FAIL, "RS256 (https")
    assert text.endswith("is not allowed by fapi2: change the registration, the source is not served")
    told = ready.fails("clients", "apply")
    assert "access_token_signing_alg RS256 is not allowed by fapi2 (service.profiles); take one of ES256, PS256" in told
    modern = SOURCE.replace("RS256", "PS256")
    ready.write("source.toml", modern + 'introspection_signed_response_alg = "RS256"\n')
    assert "introspection_signed_response_alg RS256 is not allowed" in ready.fails("clients", "apply")
    ready.write("source.toml", modern)
    assert ready.run("clients", "apply").exit_code == 0
    assert look()["signing algorithms"][0] is Level.OK


def test_all_that_is_wrong_with_algorithms_is_told_at_once(ready: Operator, look: Look) -> None:
    """Every source that no profile here signs for, and what lacks a key besides."""
    second = SOURCE[SOURCE.index("[[resource_servers]]") :].replace("source.example", "another.example")
    ready.write("source.toml", SOURCE + second)
    assert ready.run("clients", "apply").exit_code == 0
    ready.write("profiles.toml", '[service]\nprofiles = "fapi2"')
    ready.rows("DELETE FROM keys WHERE purpose = 'signing' AND algorithm = 'ES256' RETURNING 1")
    assert look()["signing algorithms"] == (
        Level.FAIL,
        (
            "RS256 (https://another.example), RS256 (https://source.example) are not allowed by fapi2: "
            "change the registrations, these sources are not served; "
            "no active key for ES256 (VAD itself): run `vad keys init`"
        ),
    )


def test_an_older_master_key_is_told_until_it_is_gone(ready: Operator, look: Look) -> None:
    """First that it still wraps keys, then that nothing needs it; the other checks go on meanwhile."""
    file = ready.folder / "master.key"
    old, new = file.read_text(), MasterKey.generate_text(demo=True)
    file.write_text(f"{new}\n{old}")
    level, text = look()["master key"]
    assert level is Level.WARN
    assert text.endswith("run `vad keys rewrap`")
    assert "keys seal" in look()
    assert ready.run("keys", "rewrap").exit_code == 0
    level, text = look()["master key"]
    assert level is Level.WARN
    assert "take the older ones away" in text
    file.write_text(new)
    assert look()["master key"][0] is Level.OK
    file.write_text(old)
    assert {check: level for check, (level, _) in look().items()} == {"master key": Level.FAIL}


def test_production_without_a_second_person_is_a_fault(ready: Operator, look: Look) -> None:
    """Nobody leaves it so without being told."""
    assert "second person" not in look()
    known = settings.load((ready.folder,))
    alone = known.model_copy(
        update={
            "service": known.service.model_copy(update={"deployment": "production"}),
            "keys": known.keys.model_copy(update={"second_person": False}),
        }
    )
    with closing(Database(ready.database.app_url)) as database:
        told = {finding.check: finding.level for finding in keys(alone, database)}
    assert told["second person"] is Level.FAIL
