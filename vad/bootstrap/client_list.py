"""The list of clients that the ministry keeps, as the worker and a command read it: they carry no web along."""

from vad.adapters import client_list_log
from vad.adapters.configuration.client_list import HttpClientList
from vad.adapters.http.caller import Limits
from vad.adapters.postgres.client_list import PostgresClientList
from vad.bootstrap import registers
from vad.bootstrap.foundation import Foundation
from vad.bootstrap.security_events import security_events
from vad.domain.profile import Profile
from vad.domain.profiles_allowed import Profiles
from vad.services.client_list import ClientListSync
from vad.services.client_stop import ClientStop
from vad.settings import Settings

_LARGEST_LIST = 4 * 1024 * 1024
"""Bytes."""


def client_list_sync(foundation: Foundation) -> ClientListSync | None:
    """What keeps the clients of the list in step with it, where one is read."""
    settings, outgoing = foundation.settings, foundation.settings.outgoing
    if not reads_list(settings):
        return None
    limits = Limits(connect=outgoing.connect_timeout, total=outgoing.total_timeout, size=_LARGEST_LIST)
    source = HttpClientList(settings.ministry.clients_url or "", registers.limited(foundation, "client_list", limits))
    store = PostgresClientList(foundation.database, ClientStop(security_events(foundation)))
    return ClientListSync(source, store, client_list_log)


def reads_list(settings: Settings) -> bool:
    """Whether one is read: the settings name it, and profile `ministry` is served."""
    return bool(settings.ministry.clients_url) and allowed_profiles(settings).client_list


def allowed_profiles(settings: Settings) -> Profiles:
    """Those that are served."""
    return Profiles(tuple(map(Profile, settings.service.allowed_profiles)))
