"""The alerts: good rules, about figures that VAD really tells, each with what to do; and no figure says too much."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from tests.deploy.manifests import DEPLOY
from tests.support.certified_town import certify, signing_key
from tests.support.database import ask
from tests.support.documents import PROJECT
from tests.support.person import FROUKE, Person, tokens
from tests.support.relying_party_client import RelyingParty
from tests.support.signing_certificates import Hierarchy
from tests.support.town import Town
from tests.support.town_fixtures import REDIRECT
from tests.web.test_doctor_apps import certified
from vad.adapters.metrics import Fault
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.log_sealer import PostgresSealedLog
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.tlog.ed25519 import CheckpointKey
from vad.adapters.vault.keys import Purpose
from vad.bootstrap.foundation import Foundation, lay_foundation
from vad.bootstrap.upkeep import create_upkeep
from vad.domain import audit
from vad.services.deliveries import DeliveryOutcome
from vad.web.support.services import services

FILE = DEPLOY / "prometheus" / "alerts.yaml"
LAB = "https://source.example"
KNOWN = Hierarchy.made()
_SERIES = re.compile(r"(vad_\w+)(?:\{([^}]*)\})?")
_MATCHER = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")


def rules() -> list[dict[str, Any]]:
    """Every rule of the file."""
    return [rule for group in yaml.safe_load(FILE.read_text("utf-8"))["groups"] for rule in group["rules"]]


Told = dict[str, list[dict[str, str]]]


@pytest.fixture(scope="module")
def ageing(the_town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the key of a source have an end, a signing key have a certificate, and the log be signed with some key."""
    address, log = the_town.database.superuser_url, Database(the_town.database.worker_url)
    [(before,)] = ask(address, "SELECT encryption_jwk FROM resource_servers WHERE identifier = %s", (LAB,))
    known = certified(tmp_path_factory.mktemp("source") / "key", 90)
    change = "UPDATE resource_servers SET encryption_jwk = %s WHERE identifier = %s"
    ask(address, change, (json.dumps({**before, "x5c": known["x5c"]}), LAB))
    PostgresSealedLog(log).seal(
        CheckpointKey.from_text(CheckpointKey.generate_text("log.example/vad")), datetime.now(UTC)
    )
    log.close()
    key_id, key = signing_key(the_town, "PS256")
    certify(the_town, key_id, KNOWN.provider.certify(key))
    yield
    certify(the_town, key_id)
    ask(address, change, (json.dumps(before), LAB))


@pytest.fixture(scope="module")
def told(
    ageing: None,
    the_town: Town,
    rp_keys: dict[str, dict[str, object]],
    asking_key: dict[str, object],
) -> Told:
    """Give what Prometheus would read after a busy day: the labels of every series, by name."""
    upkeep, worker = create_upkeep(the_town.settings)
    person = Person(the_town, urlsplit(REDIRECT).netloc)
    rp = RelyingParty(the_town.issuer, "rp-one", REDIRECT, rp_keys["rp-one"])
    source = RelyingParty(the_town.issuer, LAB, "", asking_key)
    own = tokens(rp, person, (LAB,), "openid 51", FROUKE)
    rp.refresh(own["refresh_token"])
    exchanged = rp.exchange(own["access_token"], LAB).json()["access_token"]
    for token in (exchanged, "none"):
        source.introspect(token)
    for path in ("/jwks?code=secret", "/nowhere/999990019", "/999990019?x=rp-one"):
        person.send("GET", path)
    person.send("BREW", "/jwks")
    person.log_out()
    person.leave()
    while upkeep.deliver(datetime.now(UTC)).taken:
        pass
    upkeep.tidy(datetime.now(UTC))
    with the_town.app.app_context():
        web = services().metrics.exposition().decode()
    found: Told = {}
    for text in (web, generate_latest(worker.registry).decode()):
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                found.setdefault(sample.name, []).append(dict(sample.labels))
    return found


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_every_alert_is_about_a_figure_that_exists(rule: dict[str, Any], told: Told) -> None:
    """Each name in its expression is told, and has the labels that the expression looks at."""
    series = _SERIES.findall(rule["expr"])
    assert series
    for name, matchers in series:
        assert name in told, name
        labels = {label for each in told[name] for label in each}
        assert set(_MATCHER.findall(matchers)) <= labels
        by = re.findall(r"by \(([^)]*)\)", rule["expr"])
        assert {label.strip() for each in by for label in each.split(",")} <= labels


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_every_value_that_an_alert_looks_for_can_come(rule: dict[str, Any], the_town: Town) -> None:
    """A misspelt event, outcome, program, route or purpose would make an alert that never fires."""
    known = {
        "type": {event.type for event in audit.AuditEvent.__subclasses__()},
        "outcome": {"answered", "failed", *(outcome.value for outcome in DeliveryOutcome)},
        "program": {"web", "worker", "admin"},
        "status": {str(status.value) for status in HTTPStatus},
        "endpoint": {rule.endpoint for rule in the_town.app.url_map.iter_rules()},
        "reason": {
            reason
            for file in (PROJECT / "vad" / "services").rglob("*.py")
            for reason in re.findall(r'"(\w+_reused)"', file.read_text("utf-8"))
        },
        "purpose": {purpose.value for purpose in Purpose},
        "event": {fault.value for fault in Fault},
    }
    for name, how, value in re.findall(r'(\w+)\s*(=~|!~|!=|=)"([^"]+)"', rule["expr"]):
        for wanted in value.split("|") if "~" in how else (value,):
            assert any(re.fullmatch(wanted, each) for each in known[name]), (name, wanted)


@pytest.fixture
def foundation(the_town: Town) -> Iterator[Foundation]:
    """Give what a process stands on in which signing keys may be used for a day, and others for two."""
    keys = the_town.settings.keys.model_copy(update={"published_days": 1, "secret_days": 2})
    built = lay_foundation(the_town.settings.model_copy(update={"keys": keys}))
    yield built
    built.database.close()


def value(foundation: Foundation, line: str) -> float:
    """What the process tells of one series."""
    (found,) = re.findall(
        rf"^{re.escape(line)} (\S+)$", generate_latest(foundation.metrics.registry).decode(), re.MULTILINE
    )
    return float(found)


def test_keys_that_can_not_be_opened_are_counted(foundation: Foundation, the_town: Town) -> None:
    """Each time, beside the line in the log; the keys in memory go on."""
    line = 'vad_faults_total{event="keys_not_taken_up"}'
    before = foundation.keys.current
    assert value(foundation, line) == 0.0
    url = the_town.database.superuser_url
    ((key_id,),) = ask(url, "SELECT key_id FROM keys WHERE purpose = 'cache' AND state = 'active'")
    spoilt = "UPDATE keys SET key_id = reverse(key_id) WHERE key_id = %s"
    ask(url, spoilt, (key_id,))
    try:
        with Transaction(foundation.database) as transaction:
            foundation.keys.refresh_if(-1, transaction)
    finally:
        ask(url, spoilt, (key_id[::-1],))
    assert value(foundation, line) == 1.0
    assert foundation.keys.current is before


def test_the_age_of_a_key_is_measured_by_its_kind(foundation: Foundation) -> None:
    """The same settings as those of `vad doctor`; what never changes, or only in need, has no end."""
    foundation.metrics.tell_keys(foundation.active_keys)
    days = {}
    for purpose, algorithm in (("signing", "ES256"), ("digid_encryption", "ECDH-ES"), ("seal", "A256GCM")):
        labels = f'{{algorithm="{algorithm}",purpose="{purpose}"}}'
        since = value(foundation, f"vad_key_activated_timestamp_seconds{labels}")
        days[purpose] = (value(foundation, f"vad_key_rotate_by_timestamp_seconds{labels}") - since) / 86_400
    assert days == {"signing": 1.0, "digid_encryption": 1.0, "seal": 2.0}
    text = generate_latest(foundation.metrics.registry).decode()
    for purpose in ("pairwise", "binding"):
        assert f'vad_key_activated_timestamp_seconds{{algorithm="HS256",purpose="{purpose}"}}' in text
        assert f'vad_key_rotate_by_timestamp_seconds{{algorithm="HS256",purpose="{purpose}"}}' not in text


def test_rules_have_the_form_of_prometheus() -> None:
    """What each needs, and nothing that Prometheus does not know."""
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))
    for rule in rules():
        assert set(rule) - {"for"} == {"alert", "expr", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert rule["annotations"]["summary"].endswith(".")


@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool (Debian: apt-get install prometheus)")
@pytest.mark.parametrize(
    "arguments", [("check", "rules", FILE), ("test", "rules", PROJECT / "tests/deploy/alerts_test.yaml")]
)
def test_promtool_agrees(arguments: tuple[object, ...]) -> None:
    """The expressions are PromQL, silent while all is well, and each fires when it should."""
    run = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_alert_fires_in_the_tests_of_promtool() -> None:
    """None is left out there, neither when it should be silent nor when it should not."""
    quiet, loud, *_ = yaml.safe_load((PROJECT / "tests/deploy/alerts_test.yaml").read_text("utf-8"))["tests"]
    names = {rule["alert"] for rule in rules()}
    assert {each["alertname"] for each in quiet["alert_rule_test"]} == names
    (fired,) = loud["promql_expr_test"]
    assert {re.findall(r'alertname="(\w+)"', each["labels"])[0] for each in fired["exp_samples"]} == names


def test_the_document_says_of_each_what_to_do() -> None:
    """The table of alerts has every one, with its severity."""
    text = (PROJECT / "docs/operations.md").read_text("utf-8").partition("## Alerts")[2]
    rows = dict(re.findall(r"^\| `(\w+)` \| (\w+) \| .{30,} \|$", text, re.MULTILINE))
    assert rows == {rule["alert"]: rule["labels"]["severity"] for rule in rules()}


def test_the_document_lists_every_figure(told: Told) -> None:
    """The table has each, with its labels, and no other."""
    text = (PROJECT / "docs/operations.md").read_text("utf-8").partition("## Figures")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", text, re.MULTILINE)
    listed = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}
    real: dict[str, set[str]] = {}
    for name, series in told.items():
        if name.endswith("_created"):
            continue
        base = re.sub(r"_(bucket|count|sum)$", "", name)
        real.setdefault(base, set()).update(label for each in series for label in each if label != "le")
    assert listed == real


def test_labels_tell_of_nobody(told: Told, the_town: Town) -> None:
    """Their values are words of our own: no BSN, app, address, token or id, whatever was asked; and they are few."""
    values = {
        (label, value) for series in told.values() for each in series for label, value in each.items() if label != "le"
    }
    sources = {(label, value) for label, value in values if label == "resource"}
    assert sources == {("resource", LAB)}, (
        "a source is told by the name under which it is registered, where its key ends"
    )
    values -= sources
    ours = re.compile(r"[a-zA-Z][\w.:-]{0,60}|[1-5][0-9]{2}|[0-9.]{5,10}|")
    odd = {value for label, value in values if not ours.fullmatch(value) and label != "version"}
    assert odd == set()
    text = " ".join(value for _, value in values)
    for secret in ("99999", "rp-one", "rp-two", "source.example", "secret", "nowhere", "BREW"):
        assert secret not in text
    assert not re.search(
        r"[0-9a-f]{8}-[0-9a-f]{4}|[A-Za-z0-9_-]{40,}", text.replace("urn:ietf:params:oauth:grant-type:", "")
    )
    # However often what was asked: there are so many pages and endpoints, each with a method and an answer or some.
    pages = len(list(the_town.app.url_map.iter_rules()))
    assert max(len(series) for name, series in told.items() if not name.endswith("_bucket")) < 4 * pages
