"""`vad doctor` on apps and sources: their profiles, certificates and keys, and what apps publish."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

from vad.adapters.configuration.registration_form import RegistrationForm
from vad.adapters.http.caller import Limits
from vad.adapters.http.guarded import GuardedCallers
from vad.adapters.jose.answers import recipient
from vad.adapters.jose.published_keys import PublishedKeys
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.registration_queries import read_snapshot
from vad.adapters.postgres.transaction import Transaction
from vad.cli.findings import Finding, Level, forgiven, found
from vad.domain.client import Client
from vad.services.client_keys import KeyEnd, key_ends
from vad.settings import Settings

_AT_ONCE = 8


def client_keys(known: Settings, database: Database) -> Iterator[Finding]:
    """Look at those of each app in service. What is wrong there is theirs to mend: a warning, never a failure.

    Of keys that are registered here and have no end there is nothing to say.
    """
    clients = _in_service(database)
    facts = RegistrationForm().facts
    for client in clients:
        ends = () if client.jwks_uri else key_ends(client.jwks, facts)
        if ends:
            yield Finding(f"keys of {client.client_id}", *_told("registered", ends))
    limits = Limits(connect=known.outgoing.connect_timeout, total=known.outgoing.total_timeout)
    out = known.outgoing
    published = PublishedKeys(GuardedCallers("keys of", limits, loopback=out.loopback, ca_file=out.ca_file))

    def read(client: Client) -> tuple[Level, str]:
        keys = published.get(client)
        for alg in (client.id_token_encrypted_response_alg, client.userinfo_encrypted_response_alg):
            if alg and recipient(keys, alg) is None:
                return Level.WARN, f"nothing that it publishes can be encrypted to with {alg}, as it is registered for"
        return _told(f"public keys that it publishes: {len(keys)}", key_ends(keys, facts))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(
            lambda client: forgiven(found(f"keys of {client.client_id}", partial(read, client))),
            [each for each in clients if each.jwks_uri],
        )


def client_profiles(known: Settings, database: Database) -> Iterator[Finding]:
    """Look for apps in service that follow a profile which this installation does not have."""
    clients = _in_service(database)
    allowed = ", ".join(known.service.allowed_profiles)
    shut_out = [each for each in clients if each.profile not in known.service.allowed_profiles]
    if shut_out:
        told = ", ".join(sorted(f"{each.client_id} ({each.profile})" for each in shut_out))
        yield Finding(
            "profiles of apps", Level.WARN, f"can do nothing here, for service.profiles has {allowed}: {told}"
        )
    else:
        yield Finding("profiles of apps", Level.OK, f"each app in service follows one of {allowed}")


def client_certificates(known: Settings, database: Database) -> Iterator[Finding]:
    """Look for apps in service that need a certificate, where nobody is asked for one."""
    if known.proxy.client_certificate_header is not None:
        return
    clients = _in_service(database)
    needing = sorted(each.client_id for each in clients if each.needs_certificate)
    if needing:
        text = f"get nothing by one, for proxy.client_certificate_header is not set: {', '.join(needing)}"
        yield Finding("certificates of apps", Level.WARN, text)


def source_keys(database: Database) -> Iterator[Finding]:
    """Look at the key with which VAD encrypts for each source in service, where it has an end."""
    with Transaction(database) as transaction:
        sources = [each for each in read_snapshot(transaction).resource_servers.values() if each.active]
    facts = RegistrationForm().facts
    for source in sources:
        ends = key_ends((source.encryption_jwk,), facts)
        if ends:
            yield Finding(f"key of {source.identifier}", *_told("encrypted with", ends))


def _in_service(database: Database) -> list[Client]:
    with Transaction(database) as transaction:
        return [each for each in read_snapshot(transaction).clients.values() if each.active]


def _told(what: str, ends: tuple[KeyEnd, ...]) -> tuple[Level, str]:
    now = datetime.now(UTC)
    level = Level.WARN if any(each.soon(now) for each in ends) else Level.OK
    texts = (f"the certificate of {each.thumbprint} ends on {each.ends:%Y-%m-%d}" for each in ends)
    return level, "; ".join((what, *texts))
