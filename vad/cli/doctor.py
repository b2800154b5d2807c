"""`vad doctor`: look at everything that VAD leans on, and say of each how it is."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial

import click

from vad.adapters import logs
from vad.adapters.postgres.database import Database, Limits
from vad.cli.common import known_settings, plain_errors
from vad.cli.doctor_apps import client_certificates, client_keys, client_profiles, source_keys
from vad.cli.doctor_certificates import app_authorities, receiver_certificates, store_certificates
from vad.cli.doctor_keys import keys
from vad.cli.doctor_log import sealed_log
from vad.cli.doctor_outside import outside
from vad.cli.doctor_references import handed_references
from vad.cli.doctor_stores import stores
from vad.cli.findings import Finding, Level, every
from vad.settings import Settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
def doctor(*, as_json: bool) -> None:
    """Check settings, clocks, keys, roles, stores, registers and certificates. Exit status 1 when something fails."""
    with plain_errors():
        known = known_settings()
    logs.configure("error")
    bad = False
    for finding in _all(known):
        bad = bad or finding.level is Level.FAIL
        click.echo(json.dumps(asdict(finding)) if as_json else f"{finding.level:<4}  {finding.check}: {finding.text}")
    if bad:
        raise SystemExit(1)


def _all(known: Settings) -> Iterator[Finding]:
    yield Finding("settings", Level.OK, f"read; deployment is {known.service.deployment}")
    database = Database(known.database.url.get_secret_value(), Limits(connections=1))
    try:
        yield from every("stores", partial(stores, known, database))
        yield from every("keys", partial(keys, known, database))
        yield from every("log", partial(sealed_log, known, database))
        yield from every("outside", partial(outside, known))
        yield from every("certificates", partial(store_certificates, known))
        yield from every("CAs of apps", partial(app_authorities, known))
        yield from every("logout addresses", partial(receiver_certificates, database, beside=known.outgoing.ca_file))
        yield from every("profiles of apps", partial(client_profiles, known, database))
        yield from every("certificates of apps", partial(client_certificates, known, database))
        yield from every("keys of apps", partial(client_keys, known, database))
        yield from every("keys of sources", partial(source_keys, database))
        yield from every("references", partial(handed_references, known, database))
    finally:
        database.close()
