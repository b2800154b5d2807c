"""VAD's own pages by the names that addresses use, so that a login leads back to the page that was asked for."""

from collections.abc import Mapping
from typing import Final

from flask import Response, url_for

from vad.web.support.cookies import browser
from vad.web.support.redirects import see_other

ACTIVITY: Final = "activiteit"
BLOCKS: Final = "delen"
CONSENTS: Final = "toestemmingen"
PARENTS: Final = "ouders"
NOTICES: Final = "berichten"
SESSIONS: Final = "sessies"

_ENDPOINTS: Final[Mapping[str, str]] = {
    ACTIVITY: "activity.activity",
    BLOCKS: "blocks.blocks",
    CONSENTS: "given_consents.given_consents",
    PARENTS: "assents.parents",
    NOTICES: "contacts.contacts",
    SESSIONS: "sessions.sessions",
}


def known(name: str | None) -> str:
    """The name, if it is one of these; the activity otherwise. So no address ever stands in an address."""
    return name if name is not None and name in _ENDPOINTS else ACTIVITY


def address(name: str) -> str:
    """Where this page is."""
    return url_for(_ENDPOINTS[known(name)])


def log_in_first(name: str) -> Response:
    """To the login page, and from there back to this one. Whoever has a cookie was logged in before."""
    over = "ja" if browser().session_cookie else None
    return see_other(url_for("login.login", pagina=name, verlopen=over))
