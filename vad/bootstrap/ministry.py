"""What apps of profile `ministry` need beside what everybody has."""

from vad.adapters import client_list_log
from vad.adapters.configuration.client_list import HttpClientList
from vad.adapters.http.caller import Limits
from vad.adapters.jose.pairwise import PyopSubjects
from vad.adapters.postgres.client_list import PostgresClientList
from vad.bootstrap import registers
from vad.bootstrap.foundation import Foundation
from vad.bootstrap.security_events import security_events
from vad.domain.profile import Profile
from vad.domain.profiles_allowed import Profiles
from vad.services.client_list import ClientListAnnounced, ClientListSync
from vad.services.client_stop import ClientStop
from vad.services.handed_references import HandedReferences
from vad.services.issuing import Issuing
from vad.services.ports.outside import PlainReferences
from vad.services.ports.records import Registrations, UnitOfWorkFactory
from vad.services.ports.renewable import RenewableLoginStore
from vad.services.ports.tokens import Handles, Randomness
from vad.services.ports.volatile import Sessions
from vad.services.renewable_login import RenewableLogins
from vad.settings import Settings
from vad.web.support.services import ClientListDoor

_LARGEST_LIST = 4 * 1024 * 1024
"""Bytes."""


def legacy_subjects(settings: Settings) -> PyopSubjects:
    """The subjects of the former provider, for the apps that the settings name."""
    known, salt = settings.ministry, settings.ministry.legacy_sub_salt
    return PyopSubjects(known.legacy_clients, salt.get_secret_value() if salt else "")


def renewable_logins(
    settings: Settings, store: RenewableLoginStore, sessions: Sessions, random: Randomness
) -> RenewableLogins:
    """Logins that these apps may renew, where the settings say so and the profile is served."""
    allowed = settings.ministry.auth_session and _allowed(settings).renewable_login
    return RenewableLogins(store, sessions, random, allowed)


def handed_references(
    settings: Settings,
    registrations: Registrations,
    issuing: Issuing,
    handles: Handles,
    plain: PlainReferences | None,
) -> HandedReferences:
    """References that the apps of the settings hand on to the sources of the settings."""
    return HandedReferences(settings.ministry.rid_sources, registrations, issuing, handles, plain)


def client_list_door(settings: Settings, work: UnitOfWorkFactory) -> ClientListDoor | None:
    """Where somebody says that the list of clients changed, where one is read."""
    token = settings.ministry.notify_token
    if not _reads_list(settings):
        return None
    return ClientListDoor(token.get_secret_value() if token else "", ClientListAnnounced(work))


def client_list_sync(foundation: Foundation) -> ClientListSync | None:
    """What keeps the clients of the list in step with it, where one is read."""
    settings, outgoing = foundation.settings, foundation.settings.outgoing
    if not _reads_list(settings):
        return None
    limits = Limits(connect=outgoing.connect_timeout, total=outgoing.total_timeout, size=_LARGEST_LIST)
    source = HttpClientList(settings.ministry.clients_url or "", registers.limited(foundation, "client_list", limits))
    store = PostgresClientList(foundation.database, ClientStop(security_events(foundation)))
    return ClientListSync(source, store, client_list_log)


def _reads_list(settings: Settings) -> bool:
    return bool(settings.ministry.clients_url) and _allowed(settings).client_list


def _allowed(settings: Settings) -> Profiles:
    return Profiles(tuple(map(Profile, settings.service.allowed_profiles)))
