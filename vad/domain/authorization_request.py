"""The authorization request as it was asked, and what its pages recorded since."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vad.domain.assurance import LevelOfAssurance
from vad.domain.client import OWN_SCOPES
from vad.domain.errors import LoginFailure
from vad.domain.ground import Basis, DenyReason
from vad.domain.identifiers import ClientId, ConsentId, PersonId, ResourceId
from vad.domain.session import Session


class ResponseMode(StrEnum):
    """How the answer reaches the app (OAuth 2.0 Multiple Response Type Encoding Practices, Form Post Response Mode)."""

    QUERY = "query"
    FORM_POST = "form_post"


PARAMETERS = frozenset(
    {
        *("client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "prompt"),
        *("max_age", "acr_values", "ui_locales", "claims", "id_token_hint", "code_challenge", "code_challenge_method"),
        *("resource", "authorization_details", "dpop_jkt", "display", "registration"),
    }
)
"""Those of a request that VAD reads, or refuses; any other is passed over (RFC 6749 section 3.1)."""
LONGEST_MAX_AGE = 10_000_000
"""Seconds: what VAD takes as `max_age`, of a request or of a registration."""
NOBODYS = b""
"""The `browser` of a request that no browser has taken up yet; no keyed hash is like it."""


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A validated authorization request (OIDC Core 3.1.2.1), frozen, with what its pages recorded since."""

    flow: str
    """Names the request in VAD's own page addresses. Useless without the browser's flow cookie."""
    browser: bytes
    """Keyed hash of the flow cookie of the browser that it is bound to."""
    client_id: ClientId
    redirect_uri: str
    scope: tuple[str, ...]
    """The scope values that were asked for, `openid` included; and claims about the person that were, by name."""
    state: str
    nonce: str
    code_challenge: str
    resources: tuple[ResourceId, ...]
    received_at: datetime
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    """Seconds (OIDC Core 3.1.2.1)."""
    acr_values: tuple[LevelOfAssurance, ...] = ()
    ui_locales: tuple[str, ...] = ()
    response_mode: ResponseMode = ResponseMode.QUERY
    hinted: tuple[str, ...] = ()
    """Whom the app expects: the `sub` of its `id_token_hint`, or those of its `claims`. Empty: anybody."""
    demanded_levels: tuple[LevelOfAssurance, ...] = ()
    """One of which the login must have, and no other (OIDC Core 5.5.1.1, an essential `acr`). Empty: no such demand."""
    basis: Basis | None = None
    """The one ground on which the app takes an answer (RFC 9396). None: whichever it is."""
    dpop_jkt: str = ""
    """The key that its code is bound to (RFC 9449 section 10); empty: to none."""
    id_token_claims: tuple[str, ...] = ()
    """Claims about the person that the ID token is to hold, if they agree (OIDC Core 5.5)."""
    pushed: str = ""
    """Where it was kept since it was pushed (RFC 9126); empty: the browser brought it."""
    # Recorded by the pages:
    subject: PersonId | None = None
    """Whose data it is about, once the person has chosen. None: their own, unless they have to choose."""
    acting_confirmed: bool = False
    """The person has been shown for whom they act, and on what ground, and went on."""
    login_failure: LoginFailure | None = None
    login_answered: bool = False
    """The person logged in for this very request."""
    refused: bool = False
    """The person said no, on the login or the consent page."""
    consents: tuple[ConsentId, ...] = ()
    """Consents given for this very request."""
    consent_answered: bool = False
    """The person has answered the consent page: what was not ticked then is a no."""
    refusal: DenyReason | None = None
    """Why it was refused, once the person has been told: from then on it stays refused."""

    def acts(self, session: Session) -> bool:
        """Whether the person of this session acts for another in it."""
        return self.subject not in (None, session.person_id)

    @property
    def data_services(self) -> frozenset[str]:
        """The kinds of data asked for: every scope but `openid` and those of VAD itself."""
        return frozenset(self.scope) - {"openid"} - OWN_SCOPES

    @property
    def own_scopes(self) -> frozenset[str]:
        """What was asked of VAD itself: its API, and claims about the person."""
        return frozenset(self.scope) & OWN_SCOPES

    @property
    def openid(self) -> bool:
        """Whether the app asks who logs in (OIDC Core 3.1.2.1)."""
        return "openid" in self.scope
