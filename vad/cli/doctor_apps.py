"""`vad doctor` on the keys that apps publish: are they to be had, the way the service gets them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from vad.adapters.http.caller import Limits
from vad.adapters.http.guarded import GuardedCallers
from vad.adapters.jose.published_keys import PublishedKeys
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.registration_queries import read_snapshot
from vad.adapters.postgres.transaction import Transaction
from vad.cli.findings import Finding, Level, forgiven, found
from vad.domain.client import Client
from vad.settings import Settings

_AT_ONCE = 8


def published_keys(known: Settings, database: Database) -> Iterator[Finding]:
    """Read those of each app. What is wrong there is theirs to mend: a warning, never a failure."""
    with Transaction(database) as transaction:
        clients = [each for each in read_snapshot(transaction).clients.values() if each.active and each.jwks_uri]
    limits = Limits(connect=known.outgoing.connect_timeout, total=known.outgoing.total_timeout)
    out = known.outgoing
    published = PublishedKeys(GuardedCallers("keys of", limits, loopback=out.loopback, ca_file=out.ca_file))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(
            lambda client: forgiven(found(f"keys of {client.client_id}", partial(_read, published, client))), clients
        )


def _read(published: PublishedKeys, client: Client) -> tuple[Level, str]:
    return Level.OK, f"public keys that it publishes: {len(published.get(client))}"
