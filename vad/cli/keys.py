"""`vad keys`: the keys of VAD."""

from datetime import UTC, datetime
from uuid import UUID

import click

from vad.adapters.postgres.database import Database, Limits
from vad.adapters.postgres.key_rotation import PostgresKeyRotation
from vad.adapters.postgres.keys import PostgresKeys
from vad.adapters.postgres.person_keys import PostgresPersonKeys
from vad.adapters.vault.certification import certified_until
from vad.adapters.vault.keys import KeyState, Purpose, StoredKey
from vad.adapters.vault.rotation import may_activate_at
from vad.adapters.x509.errors import CertificateError
from vad.bootstrap.foundation import master_key
from vad.bootstrap.key_certification import certification
from vad.cli.common import known_settings, plain_errors
from vad.cli.key_certificates import certify, csr
from vad.cli.schema import migrated
from vad.cli.second_person import agreed, require_two, with_request
from vad.settings import Settings

_ROW = "{:<17} {:<22} {:<44} {:<8} {:>5}  {}"


@click.group()
def keys() -> None:
    """The keys of VAD."""


keys.add_command(csr)
keys.add_command(certify)


@keys.command()
def init() -> None:
    """Make the keys that are missing, a next one for signing included; existing ones stay as they are."""
    with plain_errors():
        known = known_settings()
        store, master = PostgresKeys(migrated(known)), master_key(known)
        made = store.add_missing(master, datetime.now(UTC), ahead=True)
    click.echo(f"{len(made)} keys made")


@keys.command("list")
def list_keys() -> None:
    """Show every key: its purpose, its state, for how many days it has been in it, its certificate. No secrets."""
    with plain_errors():
        stored = PostgresKeys(migrated(known_settings())).load()
    now = datetime.now(UTC)
    click.echo(_ROW.format("purpose", "algorithm", "id", "state", "days", "certificate until"))
    for key in sorted(stored, key=lambda key: (key.purpose, key.algorithm, key.created_at)):
        since = key.retired_at or key.activated_at or key.created_at
        row = (key.purpose, key.algorithm, key.key_id, key.state, (now - since).days, _certified(key, now))
        click.echo(_ROW.format(*row).rstrip())


@keys.command()
@click.argument("purpose", type=click.Choice([purpose.value for purpose in Purpose]))
@click.option("--algorithm", help="Only the key for this algorithm; else every algorithm of the purpose.")
@click.option("--now", "at_once", is_flag=True, help="Do not wait until everybody knows the next key.")
@with_request
def rotate(purpose: str, *, algorithm: str | None, at_once: bool, request_id: UUID | None, alone: str | None) -> None:
    """Publish the next key of PURPOSE; run again later, make it the active one and retire the one before."""
    request = agreed(request_id, alone)
    with plain_errors():
        known = known_settings()
        given = require_two(known, request, "the page of keys")
        demanded = certification(known)
        rotation, master = PostgresKeyRotation(_patient(known), demanded), master_key(known)
        moved = rotation.rotate(master, Purpose(purpose), algorithm, datetime.now(UTC), at_once=at_once, request=given)
    for key in moved:
        click.echo(_told(key, needs_certificate=demanded.waits(key)))
        if demanded.lacks(key):
            click.echo(f"{key.key_id} HAS NO CERTIFICATE: sources that look at it refuse what it signs", err=True)


@keys.command(context_settings={"ignore_unknown_options": True})  # an id may begin with a hyphen
@click.argument("key_id")
@click.option("--now", "at_once", is_flag=True, help="It leaked: what it made is worth nothing any more.")
@with_request
def retire(key_id: str, *, at_once: bool, request_id: UUID | None, alone: str | None) -> None:
    """Destroy the retired key KEY_ID, if nothing needs it any more."""
    request = agreed(request_id, alone)
    with plain_errors():
        known = known_settings()
        given = require_two(known, request, "the page of keys")
        rotation = PostgresKeyRotation(_patient(known))
        gone = rotation.destroy(key_id, datetime.now(UTC), at_once=at_once, request=given)
    click.echo(f"{gone.purpose} {gone.algorithm} {gone.key_id} is destroyed")


@keys.command()
def reseal() -> None:
    """Seal with the active key what older keys sealed of persons, and of what they wrote. VAD may run meanwhile."""
    with plain_errors():
        known = known_settings()
        store = PostgresPersonKeys(_patient(known), master_key(known))
        persons, others = sum(store.seal_anew()), sum(store.seal_others_anew())
    click.echo(f"{persons} persons and {others} other values sealed anew")


@keys.command()
def rehash() -> None:
    """Let everybody be found by the look-up keys that live, and by no retired one. VAD may run meanwhile."""
    with plain_errors():
        known = known_settings()
        total = sum(PostgresPersonKeys(_patient(known), master_key(known)).hash_anew())
    click.echo(f"{total} persons hashed anew")


@keys.command()
def rewrap() -> None:
    """Wrap every key with the first master key, where an older one wrapped it. VAD may run meanwhile."""
    with plain_errors():
        known = known_settings()
        master = master_key(known)
        done = PostgresKeyRotation(_patient(known)).rewrap(master, datetime.now(UTC))
    click.echo(f"{len(done)} keys wrapped anew; master key {master.key_id} opens all of them")


def _patient(known: Settings) -> Database:
    """Persons are counted, and looked through: that takes longer than a request may."""
    return migrated(known, Limits(connections=1, statement=600_000))


def _certified(key: StoredKey, now: datetime) -> str:
    """Until when; empty: it has no certificate."""
    if not key.certificates:
        return ""
    try:
        until = certified_until(key.key_id, key.certificates)
    except CertificateError as error:
        return f"none: {error}"
    return f"{until:%Y-%m-%d}" if now <= until else f"{until:%Y-%m-%d}, ended"


def _told(key: StoredKey, *, needs_certificate: bool) -> str:
    told = f"{key.purpose} {key.algorithm} {key.key_id} is {key.state}"
    if key.state is not KeyState.NEXT:
        return told
    if needs_certificate:
        return f"{told}; it needs a certificate first: vad keys csr {key.key_id}"
    return f"{told}; rotate again from {may_activate_at(key):%Y-%m-%d %H:%M:%S} UTC on"
