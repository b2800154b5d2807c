"""`vad doctor` in a town that works, and where something is wrong."""

import json
import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr
from sqlalchemy import make_url

from tests.adapters.http.self_signed import self_signed
from tests.adapters.http.wild_server import fixed, wild_server
from tests.support.backroom import Backroom
from tests.support.town import Town
from vad.adapters.configuration.sections import Mail, Post
from vad.adapters.postgres.database import Database, Limits
from vad.adapters.postgres.own_rights import GRANTED, rights
from vad.cli import doctor as command
from vad.cli.doctor_outside import outside
from vad.cli.doctor_stores import stores
from vad.cli.findings import Finding, Level, every
from vad.sandbox.ports import free_port
from vad.settings import Settings


def visit(monkeypatch: pytest.MonkeyPatch, known: Settings) -> tuple[Result, dict[str, tuple[str, str]]]:
    """Run it with these settings; give each check's level and text."""
    monkeypatch.setattr(command, "known_settings", lambda: known)
    monkeypatch.setattr("vad.adapters.logs.configure", lambda _level: None)
    result = CliRunner().invoke(command.doctor, ["--json"])
    lines = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    return result, {line["check"]: (line["level"], line["text"]) for line in lines if "check" in line}


@pytest.fixture
def astray(backroom: Backroom) -> int:
    """How many rows of the log are in no month: other tests of this town write what happened years ago."""
    of_each = "SELECT (SELECT count(*) FROM audit_events_default) + (SELECT count(*) FROM audit_erasable_default)"
    [(rows,)] = backroom.ask(of_each)
    return int(rows)


def test_all_is_well(monkeypatch: pytest.MonkeyPatch, vad_town: Town, astray: int) -> None:
    """Every check says OK, the exit status is 0, and no secret is shown. No next key is published in this town."""
    result, found = visit(monkeypatch, vad_town.settings)
    ahead, text = found.pop("next signing keys")
    assert (ahead, text.partition(":")[0]) == ("WARN", "none is published for ES256, PS256, RS256")
    assert found.pop("log sealed")[0] in {"OK", "WARN"}  # no worker runs in this town
    level, text = found.pop("log months")
    rows = ("WARN", f"{astray} rows of the log are in no month")
    assert (level, text.partition(":")[0]) == (
        rows if astray else ("OK", "the log has its partitions for this month and the next")
    )
    assert {check: told for check, told in found.items() if told[0] != "OK"} == {}
    assert result.exit_code == 0
    expected = {"settings", "postgresql clock", "redis clock", "schema", "outbox", "master key"}
    expected |= {"roles", "roles for staff", "roles for the worker"}
    assert (
        expected | {"log key", "log published", "keys signing", "digid discovery", "digid", "brp", "prs", "issuer"}
        <= found.keys()
    )
    assert vad_town.settings.database.url.get_secret_value() not in result.output


def test_who_cannot_be_told_is_told(vad_town: Town) -> None:
    """Without mail or post: a warning each, of what happens then; a mail server that is away is a failure."""
    known = vad_town.settings
    without = known.model_copy(update={"mail": Mail(), "post": Post()})
    found = {finding.check: finding for finding in outside(without) if finding.check in {"mail", "post"}}
    assert {finding.level for finding in found.values()} == {Level.WARN}
    assert "by letter alone" in found["mail"].text
    assert "given up" in found["post"].text
    away = known.model_copy(update={"mail": known.mail.model_copy(update={"port": free_port()})})
    (mail,) = (finding for finding in outside(away) if finding.check == "mail")
    assert mail == Finding("mail", Level.FAIL, "mail: ConnectionRefusedError")


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


def served_over_tls(known: Settings, folder: Path, lasts: timedelta) -> Iterator[tuple[Settings, str]]:
    """Settings in which VAD's own front door shows a certificate that lasts so long, and the file to trust."""
    certificate, key = self_signed(folder, lasts)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with wild_server(fixed(b""), tls) as address:
        service = known.service.model_copy(update={"issuer": address})
        digid = known.digid.model_copy(update={"issuer": address})
        yield known.model_copy(update={"service": service, "digid": digid}), str(certificate)


@pytest.mark.parametrize(
    ("lasts", "level", "says"),
    [
        (timedelta(days=90, hours=1), "OK", "ends in 90 days"),
        (timedelta(days=29, hours=1), "WARN", "ends in 29 days"),
        (timedelta(hours=1), "WARN", "ends in 0 days"),
        (timedelta(hours=-1), "FAIL", "refused: certificate has expired"),
    ],
)
def test_certificates_that_end_are_told_in_time(
    vad_town: Town, tmp_path: Path, lasts: timedelta, level: str, says: str
) -> None:
    """A month before a certificate ends, DigiD's or our own, it is a warning; once it has ended it is a failure."""
    for known, trusted in served_over_tls(vad_town.settings, tmp_path, lasts):
        found = {each.check: each for each in outside(known, trusted)}
        for name in ("issuer", "digid"):
            assert found[name].level == level
            assert says in found[name].text


def test_a_certificate_that_nobody_trusts_is_a_failure(vad_town: Town, tmp_path: Path) -> None:
    """Our own front door too: being unreachable from inside is a warning, a bad certificate is not."""
    for known, _ in served_over_tls(vad_town.settings, tmp_path, timedelta(days=90)):
        found = {each.check: each for each in outside(known)}
        assert found["issuer"].level == found["digid"].level == "FAIL"
        assert "refused: self-signed certificate" in found["issuer"].text
        away = known.service.model_copy(update={"issuer": f"https://localhost:{free_port()}"})
        found = {each.check: each for each in outside(known.model_copy(update={"service": away}))}
        assert (found["issuer"].level, found["digid"].level) == ("WARN", "FAIL")


def test_what_can_not_be_opened_ends_no_other_check(
    monkeypatch: pytest.MonkeyPatch, vad_town: Town, tmp_path: Path
) -> None:
    """PostgreSQL away, Redis with roots that are not there, no master key: each is a finding, and the rest is told."""
    known = vad_town.settings
    url = make_url(known.database.url.get_secret_value()).set(port=free_port())
    lacking = SecretStr(url.render_as_string(hide_password=False))
    redis = {"url": None, "cluster_nodes": "localhost:1", "tls": True, "ca_file": tmp_path / "absent"}
    changed = known.model_copy(
        update={
            "database": known.database.model_copy(update={"url": lacking}),
            "redis": known.redis.model_copy(update=redis),
            "keys": known.keys.model_copy(update={"master_key_file": tmp_path / "absent", "master_key": None}),
        }
    )
    result, found = visit(monkeypatch, changed)
    failed = {name for name, (level, _) in found.items() if level == "FAIL"}
    assert {"postgresql clock", "schema", "roles", "log months", "redis clock", "outbox", "master key"} <= failed
    assert {found[name][0] for name in ("settings", "digid discovery", "digid", "brp", "prs", "issuer")} == {"OK"}
    assert result.exit_code == 1
    assert str(url.password) not in result.output


def test_a_group_that_breaks_off_is_told() -> None:
    """What nobody foresaw in the middle of a group: told by its class alone, after what was found before it."""

    def group() -> Iterator[Finding]:
        yield Finding("one", Level.OK, "fine")
        raise ZeroDivisionError("secret")

    assert list(every("group", group)) == [
        Finding("one", Level.OK, "fine"),
        Finding("group", Level.FAIL, "ZeroDivisionError"),
    ]


@pytest.mark.parametrize(
    ("statement", "undo", "says"),
    [
        ("GRANT UPDATE (recorded_at) ON audit_events TO {}", "REVOKE UPDATE (recorded_at) ON audit_events FROM {}",
         "SELECT, UPDATE (recorded_at) instead of INSERT (actor, basis, client_id, commitment"),
        ("GRANT INSERT ON log_leaves TO {}", "REVOKE INSERT ON log_leaves FROM {}",
         "log_leaves: INSERT, SELECT instead of SELECT"),
        ("GRANT DELETE ON consents TO PUBLIC", "REVOKE DELETE ON consents FROM PUBLIC", "consents: DELETE, INSERT"),
        ("REVOKE SELECT ON keys FROM {}", "GRANT SELECT ON keys TO {}", "keys: nothing instead of SELECT"),
    ],
)  # fmt: skip
def test_rights_are_compared_to_the_column(backroom: Backroom, statement: str, undo: str, says: str) -> None:
    """More than the migrations grant, to VAD or to everybody, is a failure, and so is less."""
    known = backroom.town.settings
    role = make_url(known.database.url.get_secret_value()).username
    database = Database(known.database.url.get_secret_value(), Limits(connections=1))
    backroom.ask(statement.format(role))
    try:
        found = {each.check: each for each in stores(known, database)}
    finally:
        backroom.ask(undo.format(role))
        database.close()
    assert found["roles"].level == "FAIL"
    assert says in found["roles"].text


def test_what_is_granted_is_what_the_migrations_grant(vad_town: Town) -> None:
    """The list that the check goes by is what a database has that was made just now."""
    database = Database(vad_town.settings.database.url.get_secret_value(), Limits(connections=1))
    assert rights(database).held == GRANTED
    database.close()
