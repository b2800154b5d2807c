"""Redis: what may be lost. People log in again; nothing durable goes with it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from vad.domain.assurance import LevelOfAssurance
from vad.domain.authorization import AuthorizationRequest
from vad.domain.consent import Duration
from vad.domain.grant import Grant
from vad.domain.identifiers import ClientId, PersonId, Sid
from vad.domain.logout import LogoutRequest
from vad.domain.mandate import Route
from vad.domain.session import Session


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A session, and the place where it is kept: a keyed hash, which is no cookie and logs nobody in."""

    place: str
    session: Session


class Sessions(Protocol):
    """SSO sessions by the value of the browser's session cookie; stored under a keyed hash of it."""

    def add(self, cookie: str, session: Session) -> None: ...

    def get(self, cookie: str) -> Session | None:
        """What this cookie finds until its absolute end, also after idle time: the caller asks whether it is live."""

    def touch(self, cookie: str, at: datetime) -> Session | None:
        """The session of this cookie if it lives, as a request of its person at `at` leaves it; its end does not move.

        Atomic. None, and nothing changed, when there is none that lives.
        """

    def update(self, cookie: str, change: Callable[[Session], Session | None]) -> Session | None:
        """Replace the session by what `change` makes of it; returns that. Its end does not move.

        Atomic: where somebody else changed it meanwhile, `change` is asked again about what they made of it. None, and
        nothing changed, when no session is there (an ended one never comes back) or `change` says None.
        """

    def place(self, cookie: str) -> str:
        """Where the session of this cookie is kept."""

    def of(self, person_id: PersonId, at: datetime) -> tuple[KeptSession, ...]:
        """The sessions of this person until their absolute end, and nobody else's. May miss some: it may be lost."""

    def end(self, sid: Sid) -> None:
        """From now on `ended` says so. Its place still finds it, so that whoever fails halfway can try again."""

    def remove(self, place: str) -> None:
        """Remove what is kept there: the last step of ending a session."""

    def forget(self, cookie: str) -> None:
        """Remove what this cookie finds; the session itself goes on under another one."""

    def ended(self, sid: Sid) -> bool:
        """Whether this session was ended, or is not known any more. Idle time does not count here."""


class AuthorizationRequests(Protocol):
    """Authorization requests on their way through the pages."""

    def add(self, request: AuthorizationRequest) -> None: ...

    def get(self, flow: str) -> AuthorizationRequest | None: ...

    def keep(self, request: AuthorizationRequest) -> None:
        """Replace it, only if it is still there; its end does not move."""

    def hold(self, flow: str) -> None:
        """Let it live as long as a login may from now on, and then a while to log in again; never shorter."""

    def held(self, request: AuthorizationRequest, at: datetime) -> bool:
        """Whether `hold` was ever called for it while it lived."""

    def take(self, flow: str) -> AuthorizationRequest | None:
        """Remove it and return it: one winner among any number of callers."""


class LogoutRequests(Protocol):
    """Requests to log out on their way to the browser's cookies, by a random name."""

    def add(self, name: str, request: LogoutRequest) -> None: ...

    def take(self, name: str) -> LogoutRequest | None:
        """Remove it and return it: one winner among any number of callers."""


@dataclass(frozen=True, slots=True)
class ConsentDraft:
    """What stood on the consent page when a login ended: no answer, only what the page shows again."""

    chosen: frozenset[str]
    """Identifiers of the ticked sources."""
    duration: Duration | None
    shown_digest: str
    """Of what the page had shown: it is of no use on a page that shows something else."""


class ConsentDrafts(Protocol):
    """Drafts, sealed, for an hour; one per flow."""

    def add(self, flow: str, owner: str, draft: ConsentDraft) -> None:
        """Keep it for this owner (`Handles.owner`)."""

    def take(self, flow: str, owner: str) -> ConsentDraft | None:
        """Remove and return it, but only for its owner; anybody else leaves it untouched."""


@dataclass(frozen=True, slots=True)
class MandateDraft:
    """What somebody has filled in of an offer or a request, as they wrote it."""

    label: str = ""
    data_services: frozenset[str] = frozenset()
    clients: frozenset[str] = frozenset()
    every_app: bool = False
    resources: frozenset[str] = frozenset()
    """The data sources; empty: all of them."""
    term: str = ""
    """A number of months, or "date"."""
    day: str = ""
    month: str = ""
    year: str = ""
    bsn: str = field(default="", repr=False)
    """Of whom a letter is for; so are the three that follow."""
    birth_day: str = field(default="", repr=False)
    birth_month: str = field(default="", repr=False)
    birth_year: str = field(default="", repr=False)


class MandateDrafts(Protocol):
    """Drafts, sealed; one of each kind per person, by `Handles.owner`."""

    def get(self, owner: str, route: Route) -> MandateDraft | None: ...

    def keep(self, owner: str, route: Route, draft: MandateDraft) -> None: ...

    def take(self, owner: str, route: Route) -> MandateDraft | None:
        """Remove and return it: one winner among any number of callers."""


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """A visit to DigiD that has not come back yet."""

    state: str
    nonce: str
    code_verifier: str
    browser: bytes
    minimum: LevelOfAssurance
    began_at: datetime
    """When the person left: a login that DigiD remembers from before is not a fresh one."""
    flow: str | None
    """The authorization request it is for; None for a login to VAD's own pages."""
    language: str = "nl"
    """The language that the person reads here, for DigiD to speak too (`ui_locales`)."""
    page: str = ""
    """Which of VAD's own pages the person wanted, by its name; for a login without a flow."""


class PendingLogins(Protocol):
    """Visits to DigiD, by their `state`."""

    def add(self, login: PendingLogin) -> None: ...

    def take(self, state: str, browser: bytes) -> PendingLogin | None:
        """Remove and return it, but only for the browser it is bound to; anybody else leaves it untouched."""


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """What one authorization code stands for, until it is redeemed."""

    grant: Grant
    redirect_uri: str
    code_challenge: str
    nonce: str
    id_token_claims: tuple[str, ...] = ()
    """Claims about the person that the ID token is to hold, if they agreed."""


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What may have happened while a code was being redeemed."""

    seen_before: bool
    """Its client came with it a second time."""
    login_ended: bool


class Codes(Protocol):
    """Authorization codes, stored under their hash, for 60 seconds."""

    def add(self, code: str, value: AuthorizationCode) -> None: ...

    def look(self, code: str, client_id: ClientId) -> AuthorizationCode | None:
        """What it stands for, to the client it was issued to; it stays good."""

    def redeem(self, code: str, client_id: ClientId) -> AuthorizationCode | None:
        """Remove and return it, atomically, but only for the client it was issued to."""

    def seen_before(self, code: str, client_id: ClientId) -> bool:
        """Whether this client has come with this code before, in the last minutes; from now on it has."""

    def afterwards(self, code: str, client_id: ClientId, sid: Sid) -> Afterwards:
        """`seen_before`, and whether this session was ended (`Sessions.ended`), in one trip."""


class ReplayGuard(Protocol):
    """Remembers single-use values."""

    def first_use(self, purpose: str, value: str, until: datetime, at: datetime) -> bool:
        """True once per purpose and value until `until`."""


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name as the BRP gives it."""

    full_name: str
    first_names: str = ""
    initials: str = ""
    prefix: str = ""
    last_name: str = ""


class NameCache(Protocol):
    """Names from the BRP, sealed, for a few minutes."""

    def get(self, person_id: PersonId) -> PersonName | None: ...

    def keep(self, person_id: PersonId, name: PersonName) -> None: ...


PUSHED_LIFE = timedelta(seconds=300)
"""How long a pushed request waits for its browser (RFC 9126 section 2.2; FAPI 2.0 Security Profile: under 600)."""


class PushedRequests(Protocol):
    """Authorization requests that were pushed, each by its place (`AuthorizationRequest.pushed`)."""

    def add(self, request: AuthorizationRequest) -> None: ...

    def get(self, place: str) -> AuthorizationRequest | None: ...

    def remove(self, place: str) -> None: ...


class RateLimit(StrEnum):
    """What is limited, each with a number per minute in the settings."""

    AUTHORIZE = "authorize"
    """Authorization requests of one network address."""
    LOGIN = "login"
    """Visits to DigiD of one network address."""
    STAFF_LOGIN = "staff_login"
    """Visits of staff to an identity provider, of one network address."""
    PROOF = "proof"
    """Proofs of mandates that one network address looks at."""
    STOP_CODE = "stop_code"
    """Stop codes that somebody at one network address tries."""
    UNPROVED = "unproved"
    """Requests of one network address that should prove who asks, and don't."""
    TOKEN = "token"  # noqa: S105 - the endpoint's name
    """Token requests of one authenticated client."""
    NAMED = "named"
    """Token requests of one network address in the name of clients that prove nothing."""
    INTROSPECTION = "introspection"
    """Questions of one data source about tokens."""
    API = "api"
    """Requests to VAD's own API for one person by one app."""
    DOWNLOAD = "download"
    """Files that one person takes of what VAD knows about them."""
    REGISTRATION = "registration"
    """Requests with one token of an app that registers itself."""
    CLIENTS_UPDATED = "clients_updated"
    """Times that somebody says that the ministry's list of clients changed."""
    LOG = "log"
    """Reads of the sealed log by one network address."""


class RateLimits(Protocol):
    """How often something may be done."""

    def take(self, limit: RateLimit, subject: str) -> bool:
        """Count one use by this subject; False when there were too many in the last minute."""

    def exceeded(self, limit: RateLimit, subject: str) -> bool:
        """Whether `take` said so a moment ago. Counts nothing and asks nobody: only this process knows."""
