"""`vad doctor` in a town that works, and where something is wrong."""

import json

import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr

from tests.support.town import Town
from vad.cli import doctor as command
from vad.sandbox.ports import free_port
from vad.settings import Settings


def visit(monkeypatch: pytest.MonkeyPatch, known: Settings) -> tuple[Result, dict[str, tuple[str, str]]]:
    """Run it with these settings; give each check's level and text."""
    monkeypatch.setattr(command, "known_settings", lambda: known)
    monkeypatch.setattr("vad.adapters.logs.configure", lambda _level: None)
    result = CliRunner().invoke(command.doctor, ["--json"])
    lines = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    return result, {line["check"]: (line["level"], line["text"]) for line in lines if "check" in line}


def test_all_is_well(monkeypatch: pytest.MonkeyPatch, vad_town: Town) -> None:
    """Every check says OK, the exit status is 0, and no secret is shown."""
    result, found = visit(monkeypatch, vad_town.settings)
    assert {level for level, _ in found.values()} == {"OK"}, found
    assert result.exit_code == 0
    expected = {"settings", "postgresql clock", "redis clock", "schema", "roles", "outbox", "master key"}
    assert expected | {"keys signing", "digid discovery", "digid", "brp", "prs", "issuer"} <= found.keys()
    assert vad_town.settings.database.url.get_secret_value() not in result.output


def test_what_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch, vad_town: Town) -> None:
    """The owner's role instead of VAD's own, Redis and the BRP away: three failures, told apart, and status 1."""
    known, nowhere = vad_town.settings, free_port()
    assert known.database.migrate_url is not None
    changed = known.model_copy(
        update={
            "database": known.database.model_copy(update={"url": known.database.migrate_url}),
            "redis": known.redis.model_copy(update={"url": SecretStr(f"redis://:secret@127.0.0.1:{nowhere}/0")}),
            "brp": known.brp.model_copy(update={"base_url": f"http://127.0.0.1:{nowhere}"}),
        }
    )
    result, found = visit(monkeypatch, changed)
    assert {name for name, (level, _) in found.items() if level == "FAIL"} == {"roles", "redis clock", "brp"}
    assert result.exit_code == 1
    assert "secret" not in result.output
