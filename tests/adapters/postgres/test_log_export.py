"""Signed exports of the log: whole, and verifiable with the archive and public keys alone, or broken."""

import base64
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from fhir.resources.R4B.auditevent import AuditEvent as AuditEventResource

from tests.adapters.jose.tokens_under_test import keyring as signing_keyring
from tests.adapters.postgres.postgres_records import AT, HOSPITAL, PGO
from tests.support.database import FreshDatabase, ask
from vad.adapters.jose.keyset import issuer_key_set
from vad.adapters.jose.statements import JwsStatements
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.log_sealer import PostgresSealedLog
from vad.adapters.postgres.log_stream import LIMITS, PostgresLogStream
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.adapters.tlog.ed25519 import CheckpointKey, verify
from vad.adapters.vault.keyring import KeyRing
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.person_references import AesPersonReferences
from vad.adapters.vault.randomness import SystemRandomness
from vad.adapters.vault.sealing import Sealer
from vad.adapters.zip_stream import zip_stream
from vad.domain.audit import LoginFailed, LoginSucceeded, TokenIssued
from vad.domain.checkpoint import SignedCheckpoint
from vad.domain.errors import NotPermittedError, OwnCaseError, StoreUnavailableError
from vad.domain.ground import Basis
from vad.domain.identifiers import PersonId, Sid, StaffId
from vad.domain.justification import Justification
from vad.domain.log_events import LogExported
from vad.domain.merkle import leaf_hash, proves_inclusion
from vad.domain.staff import StaffMember, StaffRole
from vad.services.log_export import ExportFormat, LogExports
from vad.services.log_fhir import FIELDS
from vad.services.log_fhir_codes import CODED, PURPOSES, SOURCE, STAFF_PURPOSE, kinds
from vad.services.log_formats import COLUMNS
from vad.services.log_manifest import MANIFEST_TYPE
from vad.services.ports.log_search import LogFilter

ISSUER = "https://vad.example"
ACTOR, CHILD, OTHER = (PersonId(uuid4()) for _ in range(3))
AUDITOR = StaffMember(StaffId(uuid4()), PersonId(uuid4()), frozenset({StaffRole.AUDITOR}))
WHY = Justification("Yearly look at what was done", "AUD-2026-1")
KEY = CheckpointKey.from_text(CheckpointKey.generate_text("log.example/vad"))
SEALED = 600
PERIOD = LogFilter(since=AT - timedelta(days=1), until=AT + timedelta(minutes=10))
WHEN = AT + timedelta(days=3)
"""When something is taken: outside the period."""


@pytest.fixture(scope="module")
def stream(database: FreshDatabase) -> Iterator[PostgresLogStream]:
    """Give the reading of the log, on connections of its own."""
    opened = Database(database.app_url, LIMITS)
    yield PostgresLogStream(opened)
    opened.close()


@pytest.fixture(scope="module")
def sealing(database: FreshDatabase) -> Iterator[Database]:
    """Give the connections of the worker."""
    opened = Database(database.worker_url)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def exports(
    work: PostgresWork, owner: Database, keyring: KeyRing, sealing: Database, stream: PostgresLogStream
) -> LogExports:
    """Give the use case, with a log that is sealed."""
    told: dict[str, Any] = {"client_id": PGO, "resource": HOSPITAL, "sid": Sid("sid")}
    with work() as tx:
        tx.audit.append(
            TokenIssued(
                actor=ACTOR, represented=CHILD, basis=Basis.PARENTAL_AUTHORITY, evidence={"n": [1, "é\u2028"]}, **told
            ),
            LoginFailed(reason='=HYPERLINK("x"),"\n'),
            LogExported(
                staff=StaffId(uuid4()), represented=CHILD, evidence={"big": 2**60}, erasable={"reason": "told"}
            ),
            *(LoginSucceeded(actor=OTHER, represented=OTHER) for _ in range(SEALED - 3)),
            at=AT,
        )
        tx.commit()
    sealer = PostgresSealedLog(sealing)
    while sealer.seal(KEY, AT).more:
        pass
    ring = signing_keyring()
    references, admin = AesPersonReferences(ring), PostgresWork(owner, Sealer(keyring), BsnLookup(keyring))
    return LogExports(
        admin,
        stream,
        references,
        JwsStatements(ring),
        zip_stream,
        SystemRandomness(),
        lambda: datetime.now(UTC),
        ISSUER,
        lambda criterion, value: (criterion, value) == ("client_id", PGO),
    )


def taken(exports: LogExports, how: ExportFormat, wanted: LogFilter = PERIOD) -> zipfile.ZipFile:
    """Take all of an export."""
    export = exports.begin(AUDITOR, wanted, how, WHY, datetime.now(UTC))
    try:
        return zipfile.ZipFile(io.BytesIO(b"".join(export)))
    finally:
        export.close()


def test_an_export_proves_itself(exports: LogExports, database: FreshDatabase) -> None:
    """Each event is hashed again from the archive, and leads to a checkpoint of the log; VAD signed the rest."""
    with exports.work() as tx:
        tx.audit.append(LoginSucceeded(actor=ACTOR, represented=ACTOR), at=AT + timedelta(minutes=20))
        tx.commit()
    found = taken(exports, ExportFormat.JSON_LINES, replace(PERIOD, until=AT + timedelta(minutes=30)))
    assert found.namelist() == ["events.jsonl", "proofs.jsonl", "checkpoint.txt", "manifest.json", "manifest.jws"]
    manifest = json.loads(found.read("manifest.json"))
    for name, kept in manifest["files"].items():
        content = found.read(name)
        assert kept == {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}

    signed = found.read("manifest.jws").decode()
    header = jwt.get_unverified_header(signed)
    assert header["typ"] == MANIFEST_TYPE
    published = jwt.PyJWKSet.from_dict({"keys": issuer_key_set(signing_keyring())["keys"]})[header["kid"]]
    assert jwt.PyJWS().decode(signed, published, ["ES256"]) == found.read("manifest.json")

    checkpoint = SignedCheckpoint.parse(found.read("checkpoint.txt").decode())
    assert checkpoint.signed_by([KEY.verifier], verify) == KEY.verifier
    assert (manifest["events"], manifest["sealed"]) == (SEALED + 1, SEALED)
    assert manifest["checkpoint"]["root"] == checkpoint.checkpoint.root.hex()
    assert "told" not in str(found.read("events.jsonl"))

    lines = found.read("events.jsonl").decode().split("\n")[:-1]
    proofs = [json.loads(line) for line in found.read("proofs.jsonl").decode().split("\n")[:-1]]
    assert len(lines) == len(proofs) == SEALED + 1
    for line, proof in zip(lines, proofs, strict=True):
        event = json.loads(line)
        assert (event["event"]["event_id"], event["leaf_index"]) == (proof["event_id"], proof["leaf_index"])
        if event["leaf_index"] is None:
            assert "proof" not in proof
            continue
        entry = line[len('{"event":') : line.rindex(',"leaf_index":')].encode()
        head, extra, index, *hashes = proof["proof"].partition("\n\n")[0].split("\n")
        assert head == "c2sp.org/tlog-proof@v1"
        assert base64.b64decode(extra.removeprefix("extra ")) == entry
        path, size = [base64.b64decode(each) for each in hashes], checkpoint.checkpoint.size
        root = checkpoint.checkpoint.root
        assert index == f"index {event['leaf_index']}"
        assert proves_inclusion(leaf_hash(entry), event["leaf_index"], size, path, root)
        assert not proves_inclusion(leaf_hash(entry + b" "), event["leaf_index"], size, path, root)

    rows = ask(
        database.app_url,
        "SELECT type, staff, evidence, commitment IS NOT NULL FROM audit_events WHERE evidence->>'export' = %s"
        " ORDER BY recorded_at",
        (manifest["export_id"],),
    )
    (begun, finished) = rows
    assert (begun[0], begun[1], begun[3]) == ("log.exported", str(AUDITOR.account), True)
    assert begun[2]["filter"] == {"since": "2026-11-20T12:00:00.000000Z", **begun[2]["filter"]}
    assert (finished[0], finished[2]["events"]) == ("log.export_finished", SEALED + 1)


def test_csv_for_a_spreadsheet(exports: LogExports) -> None:
    """RFC 4180 in UTF-8: one line an event whatever stands in it, and nothing that a spreadsheet would run."""
    wanted = replace(PERIOD, types=("login.failed", "token.issued"))
    content = taken(exports, ExportFormat.CSV, wanted).read("events.csv")
    names, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    told = [dict(zip(names, row, strict=True)) for row in rows]
    by_type = {each["type"]: each for each in told}
    assert len(rows) == 2
    assert by_type["login.failed"]["reason"] == '\'=HYPERLINK("x"),"\n'
    token = by_type["token.issued"]
    assert json.loads(token["evidence"]) == {"n": [1, "é\u2028"]}
    assert exports.references.person(token["represented_reference"]) == CHILD
    assert token["leaf_index"].isdigit()
    assert set(COLUMNS) < set(names)


def test_fhir_audit_events(exports: LogExports) -> None:
    """Each line is an AuditEvent of R4 by another's model, with codes of its lists, two agents and whom it is about."""
    lines = taken(exports, ExportFormat.FHIR).read("events.fhir.ndjson").decode().split("\n")[:-1]
    assert len(lines) == SEALED
    found = {}
    for line in chain(lines[:5], (each for each in lines if "login.succeeded" not in each), lines[-1:]):
        AuditEventResource.model_validate_json(line)
        resource = json.loads(line)
        assert resource["outcome"] in {"0", "4"}
        assert [agent["requestor"] for agent in resource["agent"]] == [True, False]
        assert _codes(resource) <= {(each.system, each.code) for each in _ALLOWED} | {_dicom(resource)}
        found[resource["subtype"][0]["code"]] = resource
    token, staff = found["token.issued"], found["log.exported"]
    assert token["agent"][0]["who"]["identifier"]["value"] == exports.references.of(ACTOR)
    assert token["agent"][1]["who"]["identifier"]["value"] == PGO
    assert [each["what"]["identifier"]["value"] for each in token["entity"][:2]] == [
        exports.references.of(CHILD),
        HOSPITAL,
    ]
    assert token["purposeOfEvent"][0]["coding"][0]["code"] == "FAMRQT"
    assert staff["agent"][0]["who"]["identifier"]["system"] == f"{ISSUER}/fhir/NamingSystem/staff"
    assert {"type": "evidence.big", "valueString": str(2**60)} in staff["entity"][-1]["detail"]
    assert found["login.failed"]["outcome"] == "4"
    assert {column for column, _, _ in FIELDS} == set(COLUMNS)


_ALLOWED = [*CODED.values(), *PURPOSES.values(), SOURCE, STAFF_PURPOSE]


def _dicom(resource: dict[str, Any]) -> tuple[str, str]:
    kind = kinds()[resource["subtype"][0]["code"]]
    assert (resource["type"]["code"], resource["action"]) == (kind.code, kind.action)
    return resource["type"]["system"], resource["type"]["code"]


def _codes(value: Any) -> set[tuple[str, str]]:
    """Every code of a list that is not ours."""
    if isinstance(value, list):
        return set().union(*map(_codes, value))
    if not isinstance(value, dict):
        return set()
    own = {(value["system"], value["code"])} if "code" in value else set()
    return {pair for pair in own.union(*map(_codes, value.values())) if not pair[0].startswith(ISSUER)}


def test_who_may_not_gets_nothing(exports: LogExports, database: FreshDatabase) -> None:
    """Another role, and whoever asks about themselves: refused before anything is read or written down as taken."""
    before = ask(database.app_url, "SELECT count(*) FROM audit_events WHERE type = 'log.exported'")
    helpdesk = replace(AUDITOR, roles=frozenset({StaffRole.HELPDESK}))
    with pytest.raises(NotPermittedError):
        exports.begin(helpdesk, PERIOD, ExportFormat.CSV, WHY, WHEN)
    me = AUDITOR.person
    for mine in (replace(PERIOD, person=me), replace(PERIOD, actor=me), replace(PERIOD, represented=me)):
        with pytest.raises(OwnCaseError):
            exports.begin(AUDITOR, mine, ExportFormat.CSV, WHY, WHEN)
    assert ask(database.app_url, "SELECT count(*) FROM audit_events WHERE type = 'log.exported'") == before


def test_one_moment_in_bounded_steps_without_holding_up_the_sealer(
    exports: LogExports, stream: PostgresLogStream, work: PostgresWork, sealing: Database
) -> None:
    """What is committed meanwhile is not seen, oldest first, and the sealer goes on past an open export."""
    later = replace(PERIOD, since=AT + timedelta(hours=1), until=AT + timedelta(hours=2))
    with stream() as moment:
        first = list(islice(moment.events(PERIOD), 10))
        assert [each.event.position for each in first] == sorted(each.event.position for each in first)
        with work() as tx:
            tx.audit.append(LoginSucceeded(actor=OTHER), at=AT + timedelta(hours=1))
            tx.commit()
        assert PostgresSealedLog(sealing).seal(KEY, AT).added
    with stream() as moment:
        assert [each.leaf_index is None for each in moment.events(later)] == [False]
    with stream() as moment:
        assert list(moment.events(replace(later, until=AT + timedelta(hours=1)))) == []
        people = replace(PERIOD, person=CHILD)
        assert {each.event.type for each in moment.events(people)} == {"token.issued", "log.exported"}


def test_a_database_that_goes_away_breaks_the_export(exports: LogExports, database: FreshDatabase) -> None:
    """Killed in the middle: an error, no directory of the archive, no signature, and no event that says it is whole."""
    export = exports.begin(AUDITOR, PERIOD, ExportFormat.JSON_LINES, WHY, WHEN)
    got = bytearray(next(export))
    ask(
        database.superuser_url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND state = 'idle in transaction'",
    )
    with pytest.raises(StoreUnavailableError), closing(export):
        got.extend(chain.from_iterable(export))
    assert b"manifest.jws" not in got
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(bytes(got)))
    (last,) = ask(
        database.app_url,
        "SELECT evidence->>'export' FROM audit_events WHERE type = 'log.exported' AND recorded_at = %s"
        " AND evidence ? 'export'",
        (WHEN,),
    )
    assert ask(database.app_url, "SELECT type FROM audit_events WHERE evidence->>'export' = %s", last) == [
        ("log.exported",)
    ]
    assert UUID(last[0])
