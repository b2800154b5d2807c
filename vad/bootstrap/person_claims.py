"""Standard claims about people, where the settings name somewhere that knows them: a sandbox's file."""

from vad.adapters.configuration.persons_file import PersonsFile
from vad.services.ports.outside import PersonClaims
from vad.settings import Settings


def person_claims(settings: Settings) -> PersonClaims | None:
    """None where nothing is named. Raises `ConfigurationFileError` for a file that can't be used."""
    file = settings.standard_claims.persons_file
    return None if file is None else PersonsFile.read(file)
