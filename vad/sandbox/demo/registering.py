"""The token by which apps register themselves in a demo: a new one at each start."""

import secrets
from datetime import UTC, datetime, timedelta

from vad.adapters.postgres.database import Database
from vad.adapters.postgres.registration_tokens import Offer, issue
from vad.sandbox.demo.conformance import ProfileSet
from vad.sandbox.demo.state import State, write_private
from vad.settings import Settings

_USES, _LIFE = 100, timedelta(days=90)
_TOKEN_BYTES = 32


def offer(state: State, known: Settings, profile_set: ProfileSet | None = None) -> str:
    """Make one, and keep it where the demo keeps its secrets.

    What it registers is admitted to every source, for somebody who tries things out; the suite asks for no data.
    """
    token, at = secrets.token_urlsafe(_TOKEN_BYTES), datetime.now(UTC)
    profile = "nlgov" if profile_set is None else profile_set.profile
    organisation = "Zelf aangemeld" if profile_set is None else "OpenID Foundation"
    found = Offer(profile, organisation, _USES, at + _LIFE, admits=profile_set is None)
    database = Database((known.database.migrate_url or known.database.url).get_secret_value())
    try:
        issue(database, token, found, at)
    finally:
        database.close()
    write_private(state.registration_token, token + "\n")
    return token
