"""`vad doctor` on references that apps of profile `ministry` hand on: do those that the settings name get them."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from vad.adapters.configuration.files import ConfigurationFileError
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.registration_queries import read_snapshot
from vad.adapters.postgres.transaction import Transaction
from vad.bootstrap.registers import reference_keys
from vad.cli.findings import Finding, Level, found
from vad.domain.profile import Profile
from vad.services.handed_references import hindrance
from vad.settings import Settings


def handed_references(known: Settings, database: Database) -> Iterator[Finding]:
    """Look at the keys, and at each app with its source. Nothing where the settings name no app."""
    ours = known.ministry
    if not ours.rid_sources or ours.rid_key_file is None:
        return
    yield found("rid keys", partial(_keys, ours.rid_key_file))
    with Transaction(database) as transaction:
        snapshot = read_snapshot(transaction)
    for app, identifier in ours.rid_sources.items():
        hindered = hindrance(snapshot.clients.get(app), snapshot.resource_servers.get(identifier))
        if hindered is None and Profile.MINISTRY.value not in known.service.allowed_profiles:
            hindered = "service.profiles does not allow ministry"
        told = f"its rid leads nowhere: {hindered}" if hindered else f"leads to {identifier}"
        yield Finding(f"rid of {app}", Level.FAIL if hindered else Level.OK, told)


def _keys(file: Path) -> tuple[Level, str]:
    """Of several all but one belong to sources that have not changed yet."""
    try:
        names = reference_keys(file).names
    except ConfigurationFileError as error:
        return Level.FAIL, str(error)
    if len(names) > 1:
        return Level.WARN, f"{', '.join(names)}; take away those that no source has registered at the PRS any more"
    return Level.OK, names[0]
