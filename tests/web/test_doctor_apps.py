"""The keys of apps and sources, outside their page: `vad doctor`, and the figure of the worker."""

import json
import re
import ssl
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from prometheus_client import generate_latest

from tests.adapters.http.self_signed import self_signed
from tests.support.backroom import Backroom
from tests.support.staff_office import StaffOffice
from vad.adapters.configuration.registration_form import RegistrationForm
from vad.adapters.postgres.database import Database
from vad.bootstrap.upkeep import create_upkeep
from vad.cli.doctor_apps import client_certificates, client_keys, client_profiles, source_keys
from vad.cli.findings import Finding, Level
from vad.domain.staff import StaffRole
from vad.sandbox.serving import serve
from vad.settings import Settings

_SET = "UPDATE clients SET jwks_uri = %s WHERE client_id = 'rp-one'"
_SET_KEYS = "UPDATE clients SET jwks = %s WHERE client_id = 'rp-one'"
KEY = {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}


def certified(folder: Path, days: int) -> dict[str, Any]:
    """A key that came with a certificate for so many days from now, and a little."""
    folder.mkdir()
    certificate, _ = self_signed(folder, timedelta(days=days, hours=1))
    der = ssl.PEM_cert_to_DER_cert(certificate.read_text())
    return {**KEY, "x": b64encode(bytes([days])).decode(), "x5c": [b64encode(der).decode()]}


@pytest.fixture
def app(backroom: Backroom) -> Iterator[str]:
    """Give the address of an app that publishes one key."""
    app = Flask("app")
    app.add_url_rule("/keys", view_func=lambda: {"keys": [KEY]})
    with serve(app) as address:
        yield address
    backroom.ask(_SET, "")


def look(backroom: Backroom, known: Settings) -> list[Finding]:
    """Run it; the town's app with a certificate of its own is not what it is about."""
    with closing(Database(known.database.url.get_secret_value())) as database:
        return [each for each in client_keys(known, database) if each.check != "keys of rp-self-signed"]


def test_keys_that_can_not_be_had_are_named(backroom: Backroom, app: str) -> None:
    """As the service would get them, through the same guard; the app has to mend it, so it is a warning."""
    known = backroom.town.settings
    assert look(backroom, known) == []
    backroom.ask(_SET, f"{app}/keys")
    assert look(backroom, known) == [Finding("keys of rp-one", Level.OK, "public keys that it publishes: 1")]
    backroom.ask("UPDATE clients SET id_token_encrypted_response_alg = 'RSA-OAEP-256' WHERE client_id = 'rp-one'")
    [useless] = look(backroom, known)
    assert (useless.level, "RSA-OAEP-256" in useless.text) == (Level.WARN, True)
    backroom.ask("UPDATE clients SET id_token_encrypted_response_alg = '' WHERE client_id = 'rp-one'")
    backroom.ask(_SET, f"{app}/gone")
    assert look(backroom, known) == [Finding("keys of rp-one", Level.WARN, "keys of rp-one: status 404")]
    closed = known.model_copy(update={"outgoing": known.outgoing.model_copy(update={"loopback": False})})
    backroom.ask(_SET, app.replace("http", "https"))
    [inside] = look(backroom, closed)
    assert (inside.level, inside.text) == (Level.WARN, "keys of rp-one: an address that is not the internet's")


def test_apps_that_can_do_nothing_are_named(backroom: Backroom) -> None:
    """They follow a profile that this installation does not have."""
    known = backroom.town.settings
    with closing(Database(known.database.url.get_secret_value())) as database:
        [well] = client_profiles(known, database)
        without = known.model_copy(update={"service": known.service.model_copy(update={"profiles": "nlgov, basic"})})
        [told] = client_profiles(without, database)
    assert well == Finding(
        "profiles of apps", Level.OK, "each app in service follows one of nlgov, fapi2, basic, ministry"
    )
    assert (told.level, "rp-fapi2 (fapi2)" in told.text, "rp-one" in told.text) == (Level.WARN, True, False)


def test_apps_that_nobody_asks_for_their_certificate_are_named(backroom: Backroom) -> None:
    """They prove themselves by one, or their tokens are bound to one: nothing of that works without a proxy."""
    known = backroom.town.settings
    without = known.model_copy(update={"proxy": known.proxy.model_copy(update={"client_certificate_header": None})})
    with closing(Database(known.database.url.get_secret_value())) as database:
        assert list(client_certificates(known, database)) == []
        [told] = client_certificates(without, database)
    assert (told.level, "rp-self-signed" in told.text, "rp-one" in told.text) == (Level.WARN, True, False)


@pytest.fixture
def keys_of_its_own(backroom: Backroom) -> Iterator[None]:
    """Give the app back the keys that it had."""
    [(before,)] = backroom.ask("SELECT jwks FROM clients WHERE client_id = 'rp-one'")
    yield
    backroom.ask(_SET_KEYS, json.dumps(before))
    backroom.ask(_SET, "")


@pytest.mark.usefixtures("keys_of_its_own")
def test_the_end_of_a_key_is_told_in_time(backroom: Backroom, office: StaffOffice, tmp_path: Path) -> None:
    """By the page, by `vad doctor` and by the figure of the worker alike; not while another key outlasts it."""
    known, facts = backroom.town.settings, RegistrationForm().facts
    soon, later = certified(tmp_path / "soon", 59), certified(tmp_path / "later", 61)
    published = Flask("published")
    published.add_url_rule("/keys", view_func=lambda: {"keys": [soon, later, {**KEY, "x": ""}]})
    published.add_url_rule("/one", "one", view_func=lambda: {"keys": [soon]})
    administration = office.with_role(StaffRole.CLIENT_MANAGER)

    def told() -> tuple[float, list[Finding], list[bool]]:
        upkeep, metrics = create_upkeep(known)
        upkeep.tidy(datetime.now(UTC))
        [figure] = re.findall(
            r"^vad_client_key_expires_timestamp_seconds\{client_id=\"rp-one\"\} (\S+)$",
            generate_latest(metrics.registry).decode(),
            re.MULTILINE,
        )
        shown = administration.deciding.clients.client(administration.asker, "rp-one", datetime.now(UTC))
        assert shown is not None
        return float(figure), look(backroom, known), [each.ends_soon for each in shown.keys]

    def end(key: dict[str, Any]) -> tuple[float, str]:
        expires = facts(key).expires
        assert expires is not None
        return expires.timestamp(), f"the certificate of {facts(key).thumbprint} ends on {expires:%Y-%m-%d}"

    backroom.ask(_SET_KEYS, json.dumps([soon]))
    backroom.ask("UPDATE configuration_version SET version = version + 1")
    at, words = end(soon)
    assert told() == (at, [Finding("keys of rp-one", Level.WARN, f"registered; {words}")], [True])
    with serve(published) as address:
        backroom.ask(_SET_KEYS, json.dumps([soon, KEY]))
        backroom.ask(_SET, f"{address}/keys")
        backroom.ask("UPDATE configuration_version SET version = version + 1")
        at, words = end(later)
        found = Finding("keys of rp-one", Level.OK, f"public keys that it publishes: 2; {words}")
        assert told() == (at, [found], [False, False])
        backroom.ask(_SET, f"{address}/one")
        backroom.ask("UPDATE configuration_version SET version = version + 1")
        at, words = end(soon)
        found = Finding("keys of rp-one", Level.WARN, f"public keys that it publishes: 1; {words}")
        assert told() == (at, [found], [True]), "the page of an app that publishes its keys warns too"


def test_the_end_of_the_key_of_a_source_is_told_in_time(backroom: Backroom, tmp_path: Path) -> None:
    """By `vad doctor` and the figure of the worker; a key without a certificate has no end."""
    [(source, before)] = backroom.ask("SELECT identifier, encryption_jwk FROM resource_servers ORDER BY 1 LIMIT 1")

    def told(jwk: object) -> tuple[list[str], list[Finding]]:
        statement = "UPDATE resource_servers SET encryption_jwk = %s WHERE identifier = %s"
        backroom.ask(statement, json.dumps(jwk), source)
        backroom.ask("UPDATE configuration_version SET version = version + 1")
        upkeep, metrics = create_upkeep(backroom.town.settings)
        upkeep.tidy(datetime.now(UTC))
        figures = generate_latest(metrics.registry).decode()
        with closing(Database(backroom.town.settings.database.url.get_secret_value())) as database:
            return re.findall(r"^vad_source_key_expires.*$", figures, re.MULTILINE), list(source_keys(database))

    try:
        for days, level in ((59, Level.WARN), (61, Level.OK)):
            key = certified(tmp_path / str(days), days)
            known = RegistrationForm().facts(key)
            assert known.expires is not None
            words = f"encrypted with; the certificate of {known.thumbprint} ends on {known.expires:%Y-%m-%d}"
            [figure], found = told(key)
            assert figure.startswith(f'vad_source_key_expires_timestamp_seconds{{resource="{source}"}} ')
            assert float(figure.split()[-1]) == known.expires.timestamp()
            assert found == [Finding(f"key of {source}", level, words)]
    finally:
        assert told(before) == ([], [])


def test_what_is_no_certificate_has_no_end(tmp_path: Path) -> None:
    """An app puts there what it likes: nothing of it is an error here."""
    key = certified(tmp_path / "odd", 59)
    [whole] = key["x5c"]
    facts = RegistrationForm().facts
    assert facts({**key, "x5c": [whole]}).expires is not None
    of_a_version_to_come = b64encode(
        b64decode(whole).replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07")
    ).decode()
    for odd in ([], "x", [""], ["\ud800"], [7], [whole[:-8]], [of_a_version_to_come], {"0": whole}):
        assert facts({**key, "x5c": odd}).expires is None
