"""Signed exports and the API of the log: by the same rights as the pages, and each look is an event."""

import io
import json
import subprocess
import sys
import time
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
import requests

from tests.support.api_client import Api
from tests.support.backroom import Backroom
from tests.support.colleague import STAFF, Colleague
from tests.support.person import FROUKE
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.log_sealer import PostgresSealedLog
from vad.adapters.tlog.ed25519 import CheckpointKey
from vad.adapters.vault.person_references import AesPersonReferences
from vad.domain.age import AMSTERDAM
from vad.domain.audit import TokenRefused
from vad.domain.identifiers import PersonId

WHY = {"reason": "Yearly look at what was done", "case_number": "AUD-2026-1"}
BODY = {"reason": WHY["reason"], "caseNumber": WHY["case_number"]}

VERIFIER = Path(__file__).parents[3] / "vad/adapters/tlog/verify_proof.py"
"""The program that needs nothing of VAD."""


@pytest.fixture
def tom(colleague: Colleague) -> Colleague:
    """Give an auditor whose account was shown to be his."""
    colleague.log_in_as("tom")
    colleague.go("/")
    return colleague


def token(colleague: Colleague, subject: str = "tom", **different: Any) -> str:
    """What the identity provider of staff gives to a program of this member of staff."""
    town, now = colleague.town, int(time.time())
    claims = {
        "iss": town.address("staff_idp"),
        "aud": f"{colleague.admin}/v1/audit",
        "sub": subject,
        "acr": town.settings.admin.acr,
        "client_id": "siem",
        "roles": STAFF[subject]["roles"],
        "auth_time": now,
        "iat": now,
        "exp": now + 300,
        "jti": str(uuid4()),
        **different,
    }
    typ = claims.pop("typ", "at+jwt")
    key = dict(town.keys.staff_idp)
    return jwt.encode(claims, jwt.PyJWK(key, "ES256").key, "ES256", headers={"kid": key["kid"], "typ": typ})


def happened(backroom: Backroom, person: PersonId) -> str:
    """Let something have happened to this person; return its id."""
    with backroom.foundation.work() as tx:
        tx.audit.append(
            TokenRefused(actor=person, represented=person, reason="BLOCKED", client_id=None, evidence={"block": "x"}),
            at=datetime.now(UTC),
        )
        tx.commit()
    newest = "SELECT event_id::text FROM audit_events WHERE actor = %s::uuid ORDER BY recorded_at DESC LIMIT 1"
    [(event,)] = backroom.ask(newest, str(person))
    return str(event)


def seal(backroom: Backroom, key: CheckpointKey) -> None:
    """Seal all that there is."""
    worker = Database(backroom.town.database.worker_url)
    sealed = PostgresSealedLog(worker)
    while sealed.seal(key, datetime.now(UTC)).more:
        pass
    worker.close()


def test_the_page_gives_what_the_log_shows(tom: Colleague, backroom: Backroom) -> None:
    """(k) With the filter of the page, a format and a reason; the events stand in the log."""
    someone = PersonId(uuid4())
    happened(backroom, someone)
    reference = AesPersonReferences(backroom.foundation.keyring).of(someone)
    path = f"/logboek/export?person={reference}&type=token.refused"
    assert f"/logboek/export?person={reference}" in tom.request("GET", f"/logboek?person={reference}").text
    page = tom.go(path)
    assert (page.status, reference in page.text) == (200, True)
    page = tom.press("download", {"format": True, "reason": "", "case_number": "1"})
    assert (page.status, "Schrijf de reden in 10 tot 500 letters." in page.text) == (422, True)
    assert tom.request("POST", path, csrf_token="made-up", format="csv", **WHY).status_code == 400
    answer = tom.request("POST", path, csrf_token=tom.csrf_token, format="csv", **WHY)
    assert answer.headers["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert json.loads(archive.read("manifest.json"))["filter"]["person"] == reference
    assert archive.read("events.csv").decode().count("token.refused") == 1
    [begun], [finished] = (
        [each for each in backroom.events(kind) if each["staff"]] for kind in ("log.exported", "log.export_finished")
    )
    assert begun["represented"] == str(someone)
    assert finished["evidence"]["events"] == 1


def test_who_gets_in(tom: Colleague, backroom: Backroom) -> None:
    """RFC 6750, RFC 9068: only a live access token of this provider for this API, of an account that was enrolled."""
    api, now = f"{tom.admin}/v1/audit/checkpoint", int(time.time())
    nothing = requests.get(api, timeout=20)
    assert (nothing.status_code, nothing.headers["WWW-Authenticate"]) == (401, 'Bearer realm="vad"')
    unfit: list[dict[str, Any]] = [
        {"aud": "vad-admin"},
        {"acr": None},
        {"acr": "one factor"},
        {"aud": [f"{tom.admin}/v1/audit", "another"]},
        {"iss": "https://elsewhere.example"},
        {"exp": now - 1},
        {"iat": now + 3600, "exp": now + 3900},
        {"exp": now + 86400},
        {"auth_time": None},
        {"auth_time": now - 60 * tom.town.settings.admin.login_minutes},
        {"auth_time": now + 3600},
        {"typ": "JWT"},
        {"roles": []},
        {"roles": "auditor"},
        {"sub": "nobody"},
    ]
    for different in unfit:
        answer = requests.get(api, headers={"Authorization": f"Bearer {token(tom, **different)}"}, timeout=20)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token"), different
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert requests.get(f"{api}?access_token={token(tom)}", timeout=20).status_code == 400
    clerk = Api(tom.admin, token(tom, roles=["helpdesk"]))
    for path in ("/audit/events", "/audit/checkpoint", "/audit/questions/helpers"):
        answer = clerk.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert clerk.post("/audit/exports", {"format": "csv", **BODY}).status_code == 403
    refused = [each for each in backroom.events("staff.refused") if each["evidence"]["page"].startswith("audit_")]
    assert len(refused) == 4


def test_a_page_is_full_without_what_is_about_the_reader(tom: Colleague, backroom: Backroom) -> None:
    """Rule 44: and the answer says that something was left out."""
    someone = PersonId(uuid4())
    event, own = happened(backroom, someone), happened(backroom, backroom.person_id(STAFF["tom"]["bsn"]))
    api = Api(tom.admin, token(tom))
    page = api.get("/audit/events", limit=1, type="token.refused").json()
    assert ([each["eventId"] for each in page["events"]], page["ownLeftOut"]) == ([event], True)
    reference = AesPersonReferences(backroom.foundation.keyring).of(someone)
    assert api.get("/audit/events", person=reference).json()["ownLeftOut"] is False
    assert api.get(f"/audit/events/{own}").json()["code"] == "own_case"


def test_events_evidence_proof_and_questions(tom: Colleague, backroom: Backroom, tmp_path: Path) -> None:
    """(a) to (i), (k): as on the pages; the proof is checked by the program that needs nothing of VAD."""
    someone = PersonId(uuid4())
    event = happened(backroom, someone)
    reference = AesPersonReferences(backroom.foundation.keyring).of(someone)
    api = Api(tom.admin, token(tom))
    found = api.get("/audit/events", person=reference, type="token.refused").json()
    assert [(each["eventId"], each["actor"]) for each in found["events"]] == [(event, reference)]
    assert str(someone) not in json.dumps(found)
    first = api.get("/audit/events", limit=2).json()
    second = api.get("/audit/events", limit=2, cursor=first["nextCursor"]).json()
    ids = [each["eventId"] for each in (*first["events"], *second["events"])]
    assert len(ids) == len(set(ids))
    assert api.get(f"/audit/events/{event}").json()["evidence"] == {"block": "x"}
    viewed = [each for each in backroom.events("staff.viewed") if each["represented"] == str(someone)]
    assert [each["evidence"]["page"] for each in viewed] == ["audit_events.events", "audit_events.event"]
    evidence = viewed[0]["evidence"]
    assert (evidence["people"], evidence["types"]) == ("person", "token.refused"), "which filter, and nobody in it"
    assert api.get("/audit/events", clientId=FROUKE).status_code == 400
    what_staff_type_can_be_erased(api, backroom)

    key = CheckpointKey.from_text(CheckpointKey.generate_text("log.example/vad"))
    assert api.get(f"/audit/events/{uuid4()}/proof").status_code == 404
    seal(backroom, key)
    proof = tmp_path / "proof.txt"
    proof.write_text(api.get(f"/audit/events/{event}/proof").json()["proof"], encoding="utf-8")
    checkpoint = api.get("/audit/checkpoint").json()
    assert (checkpoint["origin"], checkpoint["note"].split("\n")[0]) == ("log.example/vad", "log.example/vad")
    command = [sys.executable, str(VERIFIER), str(key.verifier), "inclusion", str(proof)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr

    today = datetime.now(AMSTERDAM).date()
    period = {"since": str(today - timedelta(days=1)), "until": str(today)}
    assert {"type": "token.refused", "reason": "BLOCKED"}.items() <= max(
        api.get("/audit/questions/refusals", **period).json()["refusals"],
        key=lambda each: (each["type"], each["reason"]) == ("token.refused", "BLOCKED"),
    ).items()
    acting = api.get("/audit/questions/could-act", represented=reference, at=str(today)).json()
    assert acting == {"mandates": [], "parents": [], "blocks": []}
    for path in ("overdue", "turning", "helpers"):
        given = period if path == "overdue" else {}
        answer = api.get(f"/audit/questions/{path}", **given)
        assert (answer.status_code, set(answer.json())) == (200, {path, "more"}), answer.text
        assert answer.json()["more"] is False

    order = {"format": "jsonl", "filter": {"person": reference}, **BODY}
    answer = api.post("/audit/exports", order)
    assert "Content-Length" not in answer.headers, "it leaves bit by bit: nothing keeps all of it"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert "proof" in json.loads(archive.read("proofs.jsonl").split(b"\n")[0])
    assert api.post("/audit/exports", {**order, "reason": f"She called about {FROUKE}"}).status_code == 400
    own = AesPersonReferences(backroom.foundation.keyring).of(backroom.person_id(STAFF["tom"]["bsn"]))
    assert api.get("/audit/events", person=own).json()["code"] == "own_case"


def what_staff_type_can_be_erased(api: Api, backroom: Backroom) -> None:
    """Rules 40, 41: events hold registered ids and known codes; other words of a filter stand apart."""
    name = "Mevrouw Van Dalen"
    words = {"reason": name, "clientId": name, "resource": name}
    assert api.get("/audit/events", **words, type=["token.refused", "jan.jansen"]).status_code == 200
    order = {"format": "csv", "filter": {**words, "type": ["jan.jansen"]}, **BODY}
    archive = zipfile.ZipFile(io.BytesIO(api.post("/audit/exports", order).content))
    assert json.loads(archive.read("manifest.json"))["filter"]["reason"] == name
    viewed = [each for each in backroom.events("staff.viewed") if each["evidence"].get("reason") == "other"]
    exported = [each for each in backroom.events("log.exported") if each["evidence"]["filter"].get("reason") == "other"]
    assert {viewed[-1]["evidence"][each] for each in ("client_id", "resource")} == {"other"}
    assert viewed[-1]["evidence"]["types"] == "other token.refused"
    assert exported[-1]["evidence"]["filter"]["types"] == ["other"]
    apart = dict.fromkeys(("reason", "client_id", "resource"), name) | {"types": "jan.jansen"}
    for event, fields in (
        (viewed[-1], apart),
        (exported[-1], {**{f"filter_{each}": said for each, said in apart.items()}, **WHY}),
    ):
        assert name not in str(event)
        assert "jan.jansen" not in str(event)
        stored = backroom.ask("SELECT fields FROM audit_erasable WHERE event_id = %s::uuid", event["event_id"])
        assert stored == [(fields,)]


def test_whether_the_log_is_whole(tom: Colleague, backroom: Backroom, tmp_path: Path) -> None:
    """(j) When somebody last looked, and that it only grew since a checkpoint that the program keeps."""
    api, key = Api(tom.admin, token(tom)), CheckpointKey.from_text(CheckpointKey.generate_text("log.example/vad"))
    happened(backroom, PersonId(uuid4()))
    seal(backroom, key)
    held = api.get("/audit/checkpoint").json()
    happened(backroom, PersonId(uuid4()))
    seal(backroom, key)
    known = api.get("/audit/whole").json()
    assert known["size"] > held["size"]
    assert known["notWhole"] is None
    grown, old = tmp_path / "grown.txt", tmp_path / "old.txt"
    grown.write_text(api.get("/audit/checkpoint/consistency", size=held["size"]).json()["proof"], encoding="utf-8")
    old.write_text(held["note"], encoding="utf-8")
    command = [sys.executable, str(VERIFIER), str(key.verifier), "consistency", str(grown), str(old)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert api.get("/audit/checkpoint/consistency", size=known["size"] + 10_000).status_code == 404
    assert api.get("/audit/checkpoint/consistency", size=0).status_code == 400
    clerk = Api(tom.admin, token(tom, roles=["helpdesk"]))
    assert {clerk.get(f"/audit/{path}").status_code for path in ("whole", "checkpoint/consistency?size=1")} == {403}
