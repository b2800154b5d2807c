"""`vad clients`: registrations of clients and data sources."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import click

from vad import settings
from vad.adapters.configuration import clients_file, registrations
from vad.adapters.configuration.files import read
from vad.adapters.postgres.registration_tokens import Offer, issue
from vad.adapters.postgres.registration_writer import PostgresRegistrationWriter
from vad.bootstrap.client_list import client_list_sync
from vad.bootstrap.foundation import lay_foundation
from vad.bootstrap.log_keeping import worker_url
from vad.cli.common import known_settings, plain_errors
from vad.cli.schema import migrated
from vad.cli.sectors import check_sectors
from vad.domain.client import Client, ResourceServer
from vad.domain.profile import Profile
from vad.domain.profiles_allowed import Profiles


@click.group()
def clients() -> None:
    """Registrations of clients and data sources."""


@clients.command()
def secret() -> None:
    """Make a secret for an app: for the app itself, and what stands of it in its registration."""
    made = secrets.token_urlsafe(32)
    click.echo(f"client_secret (for the app, shown once): {made}")
    click.echo(f'client_secret_sha256 = ["{hashlib.sha256(made.encode()).hexdigest()}"]')


@clients.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_file(file: Path) -> None:
    """Write the clients of an older provider's file (clients.json) as registrations, for a file of your own."""
    with plain_errors():
        click.echo(clients_file.registrations(file), nl=False)


@clients.command()
def sync() -> None:
    """Read the ministry's list of clients now, as the worker does every ten minutes and when it is told."""
    with plain_errors():
        known = known_settings()
        listed = client_list_sync(lay_foundation(known, "worker", worker_url(known)))
        if listed is None:
            raise click.ClickException("ministry.clients_url is not set, or profile ministry is not allowed")
        became = listed.run(datetime.now(UTC))
    for what, names in became.items():
        for name in names:
            click.echo(f"{name}: {what.replace('_', ' ')}")
    if not any(became.values()):
        click.echo("nothing to change")


@clients.command("registration-token")
@click.option("--profile", required=True, help="What its apps follow: one of `service.profiles`.")
@click.option("--organisation", required=True, help="Of its apps, as people read it.")
@click.option("--uses", type=click.IntRange(1, 100), default=1, show_default=True, help="How many apps it is for.")
@click.option("--days", type=click.IntRange(1, 90), default=7, show_default=True, help="How long it is good for.")
@click.option("--label", default="", help="What you call it: staff see it with its apps. Without names of people.")
@click.option("--admit-everywhere", is_flag=True, help="Admit its apps to every source at once. Not in production.")
def registration_token(
    profile: str, organisation: str, *, uses: int, days: int, label: str, admit_everywhere: bool
) -> None:
    """Make a token by which apps register themselves at `/register`. It is shown once; its hash is kept."""
    with plain_errors():
        known = known_settings()
        if not known.registration.enabled:
            raise click.ClickException("set registration.enabled first: there is no /register now")
        if profile not in known.service.allowed_profiles:
            raise click.ClickException(f"the profile is one of {', '.join(known.service.allowed_profiles)}")
        if admit_everywhere and known.service.deployment == "production":
            raise click.ClickException("--admit-everywhere is for a sandbox, and refused in production")
        token, at = secrets.token_urlsafe(32), datetime.now(UTC)
        offer = Offer(profile, organisation, uses, at + timedelta(days=days), admit_everywhere, label)
        issue(migrated(known), token, offer, at)
    click.echo(f"initial access token (for the app, shown once): {token}")


@clients.command()
@click.option("--reclaim", multiple=True, help="A client or data source that the files look after again.")
def apply(reclaim: tuple[str, ...]) -> None:
    """Bring the registrations in PostgreSQL in step with the configuration files.

    What staff changed on their pages stays as they made it.
    """
    with plain_errors():
        known = known_settings()
        wanted = registrations.parse(read(settings.config_folders()))
        _check_former_subjects(wanted.clients, known.ministry.legacy_clients)
        certificates = known.proxy.client_certificate_header is not None
        profiles = Profiles(tuple(map(Profile, known.service.allowed_profiles)), certificates)
        _check_signing(wanted.resource_servers, profiles)
        database = migrated(known)
        check_sectors(known, database, wanted.clients)
        writer = PostgresRegistrationWriter(database)
        now = datetime.now(UTC)
        applied = writer.apply(wanted.clients, wanted.resource_servers, wanted.data_services, now, reclaim)
    for client in wanted.clients:
        if client.active and client.profile not in profiles.allowed:
            allowed = ", ".join(profiles.allowed)
            click.echo(f"{client.client_id}: can do nothing here: service.profiles has {allowed}, not {client.profile}")
        if client.active and client.needs_certificate and not profiles.certificates:
            click.echo(f"{client.client_id}: gets nothing by a certificate: proxy.client_certificate_header is not set")
    for name in applied.left_alone:
        click.echo(f"{name}: left as staff made it on their pages; the files say something else (--reclaim {name})")
    if not applied:
        click.echo(f"nothing to change; the registrations are at version {applied.version}")
        return
    for kind in ("clients", "resource_servers", "data_services"):
        changes = getattr(applied, kind)
        for what in ("added", "changed", "deactivated"):
            for identifier in getattr(changes, what):
                click.echo(f"{kind}: {what} {identifier}")
    click.echo(f"the registrations are at version {applied.version}")


def _check_former_subjects(clients: Sequence[Client], named: Collection[str]) -> None:
    """Raise `ClickException` for an app that could not have the `sub` of a former provider, before people meet it."""
    for client in clients:
        if client.client_id in named and not client.rules.former_subject:
            raise click.ClickException(
                f"{client.client_id}: ministry.legacy_sub_clients takes apps of profile ministry"
            )


def _check_signing(sources: Sequence[ResourceServer], profiles: Profiles) -> None:
    """Raise `ClickException` for a source that would get what is signed as no profile here allows."""
    for source, member in product(sources, ("access_token_signing_alg", "introspection_signed_response_alg")):
        wished = getattr(source, member)
        if source.active and wished and wished not in profiles.access_token_algorithms:
            raise click.ClickException(
                f"resource_servers {source.identifier}: {member} {wished} is not allowed by "
                f"{', '.join(profiles.allowed)} (service.profiles); take one of "
                f"{', '.join(sorted(profiles.access_token_algorithms))}"
            )
