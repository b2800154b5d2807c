"""What `vad clients apply` reads of apps: the lists of redirect URIs of their sectors."""

from collections.abc import Sequence

from vad.adapters.configuration.files import ConfigurationFileError
from vad.adapters.http.caller import Limits
from vad.adapters.http.client_documents import GuardedSectors
from vad.adapters.http.guarded import GuardedCallers
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.registration_queries import read_snapshot
from vad.adapters.postgres.transaction import Transaction
from vad.domain.client import Client
from vad.services.ports.registering import RegistrationFaultError
from vad.settings import Settings


def check_sectors(known: Settings, database: Database, clients: Sequence[Client]) -> None:
    """Read those that are new, or whose app changed its redirect URIs. Raises `ConfigurationFileError`."""
    with Transaction(database) as transaction:
        registered = read_snapshot(transaction).clients
    out, faults = known.outgoing, []
    limits = Limits(connect=out.connect_timeout, total=out.total_timeout)
    sectors = GuardedSectors(GuardedCallers("sector of", limits, loopback=out.loopback, ca_file=out.ca_file))
    for client in clients:
        if _proved(registered.get(client.client_id)) != _proved(client):
            try:
                sectors.check(client)
            except RegistrationFaultError as error:
                faults += [f"clients {client.client_id}: {fault}" for fault in error.faults]
    if faults:
        raise ConfigurationFileError("\n".join(faults))


def _proved(client: Client | None) -> object:
    return None if client is None else (client.sector_identifier_uri, {*client.redirect_uris})
