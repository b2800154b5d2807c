"""What apps of profile `ministry` need beside what everybody has."""

from vad.adapters.jose.pairwise import PyopSubjects
from vad.settings import Settings


def legacy_subjects(settings: Settings) -> PyopSubjects:
    """The subjects of the former provider, for the apps that the settings name."""
    known, salt = settings.ministry, settings.ministry.legacy_sub_salt
    return PyopSubjects(known.legacy_clients, salt.get_secret_value() if salt else "")
