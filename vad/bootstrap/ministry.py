"""What apps of profile `ministry` need beside what everybody has."""

from vad.adapters.jose.pairwise import PyopSubjects
from vad.bootstrap.client_list import allowed_profiles, reads_list
from vad.services.client_list import ClientListAnnounced
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


def legacy_subjects(settings: Settings) -> PyopSubjects:
    """The subjects of the former provider, for the apps that the settings name."""
    known, salt = settings.ministry, settings.ministry.legacy_sub_salt
    return PyopSubjects(known.legacy_clients, salt.get_secret_value() if salt else "")


def renewable_logins(
    settings: Settings, store: RenewableLoginStore, sessions: Sessions, random: Randomness
) -> RenewableLogins:
    """Logins that these apps may renew, where the settings say so and the profile is served."""
    allowed = settings.ministry.auth_session and allowed_profiles(settings).renewable_login
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
    if not reads_list(settings):
        return None
    return ClientListDoor(token.get_secret_value() if token else "", ClientListAnnounced(work))
