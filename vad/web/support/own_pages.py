"""VAD's own pages by the names that addresses use, so that a login leads back to the page that was asked for."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask import Response, url_for

from vad.web.support.cookies import browser
from vad.web.support.redirects import see_other

ACTIVITY: Final = "activiteit"
ASK: Final = "machtiging-vragen"
ASK_BY_LETTER: Final = "machtiging-per-brief"
AUTHORISE: Final = "machtigen"
BLOCKS: Final = "delen"
CASES: Final = "meldingen"
CONSENTS: Final = "toestemmingen"
MANDATE_CODE: Final = "machtigingscode"
MANDATES: Final = "machtigingen"
MANDATES_GIVEN: Final = "machtigingen-gegeven"
MANDATES_HELD: Final = "machtigingen-gekregen"
NOTICES: Final = "berichten"
OWN_DATA: Final = "gegevens"
PARENTS: Final = "ouders"
SESSIONS: Final = "sessies"

_CONFIRM: Final = "bevestigen-"

_ENDPOINTS: Final[Mapping[str, tuple[str, dict[str, Any]]]] = {
    ACTIVITY: ("activity.activity", {}),
    ASK: ("mandate_making.begin", {"where": "machtiging-vragen"}),
    ASK_BY_LETTER: ("mandate_making.begin", {"where": "machtiging-per-brief"}),
    AUTHORISE: ("mandate_making.begin", {"where": "machtigen"}),
    BLOCKS: ("blocks.blocks", {}),
    CASES: ("cases.cases", {}),
    CONSENTS: ("given_consents.given_consents", {}),
    MANDATE_CODE: ("mandate_answer.code", {}),
    MANDATES: ("mandates.mandates", {}),
    MANDATES_GIVEN: ("mandates.given", {}),
    MANDATES_HELD: ("mandates.held", {}),
    NOTICES: ("contacts.contacts", {}),
    OWN_DATA: ("own_data.own_data", {}),
    PARENTS: ("assents.parents", {}),
    SESSIONS: ("sessions.sessions", {}),
}


def confirmation(name: UUID) -> str:
    """The name of the page on which a person confirms what an app prepared."""
    return f"{_CONFIRM}{name}"


def known(name: str | None) -> str:
    """The name, if it is one of these; the activity otherwise. So no address ever stands in an address."""
    return name if name is not None and (name in _ENDPOINTS or _prepared(name) is not None) else ACTIVITY


def address(name: str) -> str:
    """Where this page is."""
    prepared = _prepared(name)
    if prepared is not None:
        return url_for("confirmations.confirmation", name=prepared)
    endpoint, values = _ENDPOINTS[known(name)]
    return url_for(endpoint, **values)


def log_in_again(name: str) -> Response:
    """To the login page, for somebody who is logged in, but not since a moment ago; and from there back."""
    return see_other(url_for("login.login", pagina=name, opnieuw="ja"))


def _prepared(name: str) -> UUID | None:
    try:
        found = UUID(name.removeprefix(_CONFIRM))
    except ValueError:
        return None
    return found if name == confirmation(found) else None


def log_in_first(name: str) -> Response:
    """To the login page, and from there back to this one. Whoever has a cookie was logged in before."""
    over = "ja" if browser().session_cookie else None
    return see_other(url_for("login.login", pagina=name, verlopen=over))
