"""Examples of everything the rules speak of: each in order, so that a test changes only what it is about."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from vad.domain.access import AccessRequest, Facts, Permit, decide
from vad.domain.age import BirthDate
from vad.domain.assent import Assent, OpenAges
from vad.domain.assurance import LevelOfAssurance
from vad.domain.authorization import AuthorizationRequest
from vad.domain.client import Client, IdentifierType, ResourceServer
from vad.domain.consent import Consent, Duration
from vad.domain.identifiers import AssentId, Bsn, ClientId, ConsentId, MandateId, PersonId, ResourceId, Sid
from vad.domain.mandate import Mandate, MandateState, Permission, Route
from vad.domain.parental_authority import AuthorityKind, AuthorityRelation, ParentalAuthority, Represented
from vad.domain.person import Evidence
from vad.domain.session import Session

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
"""The moment of every example: 13:00 in Amsterdam, far from midnight and from a clock change."""
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
YEAR = timedelta(days=365)

ME = PersonId(UUID(int=1))
SOMEBODY_ELSE = PersonId(UUID(int=2))
APP = ClientId("pgo-1")
OTHER_APP = ClientId("pgo-2")
HOSPITAL = ResourceId("https://hospital.example")
GP = ResourceId("https://gp.example")
ISSUER = "https://vad.example"
BGZ = frozenset({"48"})
ADULT = BirthDate(1984, 5, 17)
EIGHT = BirthDate(2018, 3, 1)
FOURTEEN = BirthDate(2012, 3, 1)
TURNS_16 = datetime.fromisoformat("2028-02-29T23:00:00+00:00")
"""When who is fourteen will be sixteen."""
MY_CHILD = PersonId(UUID(int=8))
MY_BSN, OTHER_PARENTS_BSN, CHILDS_BSN = Bsn("999991772"), Bsn("999990019"), Bsn("999990457")


def client(**changes: Any) -> Client:
    """Give an active app."""
    values: dict[str, Any] = {
        "client_id": APP,
        "name": "App",
        "organisation": "App B.V.",
        "redirect_uris": ("https://app.example/callback",),
        "jwks": (),
        "sector": "app.example",
    }
    return Client(**values | changes)


def source(**changes: Any) -> ResourceServer:
    """Give an active source that admits the app to its one data service."""
    values: dict[str, Any] = {
        "identifier": HOSPITAL,
        "name": "Hospital",
        "organisation": "Hospital",
        "data_services": ("48",),
        "identifier_type": IdentifierType.BSN_JWE,
        "encryption_jwk": {"kty": "EC"},
        "admitted": {APP: BGZ},
    }
    return ResourceServer(**values | changes)


def evidence(**changes: Any) -> Evidence:
    """Give what the register said an hour ago: a living adult."""
    values: dict[str, Any] = {"birth": ADULT, "deceased": False, "register": "brp", "answered_at": AT - HOUR}
    return Evidence(**values | changes)


def consent(**changes: Any) -> Consent:
    """Give my consent for the app at the hospital, given an hour ago, good for a year."""
    values: dict[str, Any] = {
        "consent_id": ConsentId(UUID(int=48)),
        "person_id": ME,
        "subject": ME,
        "client_id": APP,
        "resource": HOSPITAL,
        "data_services": BGZ,
        "duration": Duration.UNTIL_STOPPED,
        "given_at": AT - HOUR,
        "until": AT + YEAR,
    }
    return Consent(**values | changes)


def access_request(**changes: Any) -> AccessRequest:
    """Give the question about my own data at the hospital, in a session that has an hour to go."""
    values: dict[str, Any] = {
        "actor": ME,
        "subject": ME,
        "client": client(),
        "source": source(),
        "data_services": BGZ,
        "level": LevelOfAssurance.SUBSTANTIEEL,
        "session_ends_at": AT + HOUR,
    }
    return AccessRequest(**values | changes)


def facts(**changes: Any) -> Facts:
    """Give facts on which `access_request()` is allowed."""
    values: dict[str, Any] = {"evidence": evidence(), "consents": (consent(),)}
    return Facts(**values | changes)


def permit(at: datetime = AT, given: Facts | None = None, **changes: Any) -> Permit:
    """Give a permit, from the one place where it can come from."""
    decision = decide(access_request(**changes), given or facts(), at)
    assert isinstance(decision, Permit), decision
    return decision


def session(**changes: Any) -> Session:
    """Give my session of ten minutes ago, used a minute ago, logged in to the app by name."""
    values: dict[str, Any] = {
        "sid": Sid("sid"),
        "person_id": ME,
        "level": LevelOfAssurance.SUBSTANTIEEL,
        "auth_time": AT - timedelta(minutes=10),
        "last_active": AT - timedelta(minutes=1),
        "clients": frozenset({APP}),
    }
    return Session(**values | changes)


def authorization_request(**changes: Any) -> AuthorizationRequest:
    """Give the app's request for one data service at the hospital."""
    values: dict[str, Any] = {
        "flow": "flow",
        "browser": b"browser",
        "client_id": APP,
        "redirect_uri": "https://app.example/callback",
        "scope": ("openid", "48"),
        "state": "state",
        "nonce": "nonce",
        "code_challenge": "challenge",
        "resources": (HOSPITAL,),
        "received_at": AT,
    }
    return AuthorizationRequest(**values | changes)


def authority(**changes: Any) -> ParentalAuthority:
    """Give what the register said a minute ago: two parents hold authority over the child, and one of them is me."""
    both = frozenset({MY_BSN, OTHER_PARENTS_BSN})
    values: dict[str, Any] = {
        "child": CHILDS_BSN,
        "relations": (AuthorityRelation(AuthorityKind.JOINT_PARENTS, CHILDS_BSN, both),),
        "register": "brp",
        "answered_at": AT - MINUTE,
    }
    return ParentalAuthority(**values | changes)


def represented(**changes: Any) -> Represented:
    """Give what is known of my child of 8."""
    values: dict[str, Any] = {
        "actor": MY_BSN,
        "subject": CHILDS_BSN,
        "evidence": evidence(birth=EIGHT, answered_at=AT - MINUTE),
        "authority": authority(),
        "open_ages": OpenAges(),
    }
    return Represented(**values | changes)


def acting_request(**changes: Any) -> AccessRequest:
    """Give the question about my child's data at the hospital, through an app that understands it."""
    return access_request(**{"subject": MY_CHILD, "client": client(representation=True)} | changes)


def acting_facts(**changes: Any) -> Facts:
    """Give facts on which `acting_request()` is allowed."""
    values: dict[str, Any] = {
        "evidence": evidence(answered_at=AT - MINUTE),
        "consents": (consent(subject=MY_CHILD),),
        "represented": represented(),
    }
    return Facts(**values | changes)


def assent(**changes: Any) -> Assent:
    """Give my child's agreement that I see the one data service, given an hour ago."""
    values: dict[str, Any] = {
        "assent_id": AssentId(UUID(int=14)),
        "subject": MY_CHILD,
        "actor": ME,
        "data_service": "48",
        "level": LevelOfAssurance.SUBSTANTIEEL,
        "given_at": AT - HOUR,
        "until": TURNS_16,
    }
    return Assent(**values | changes)


def mandate(**changes: Any) -> Mandate:
    """Give the mandate that somebody gave me an hour ago: their patient summary at every source, with every app."""
    values: dict[str, Any] = {
        "mandate_id": MandateId(UUID(int=26)),
        "route": Route.OFFER,
        "state": MandateState.ACTIVE,
        "represented": SOMEBODY_ELSE,
        "representative": ME,
        "permissions": (permission(),),
        "starts_at": AT - HOUR,
        "ends_at": AT + YEAR,
        "made_at": AT - 2 * HOUR,
        "answer_by": AT + YEAR / 12,
        "changed_at": AT - HOUR,
    }
    return Mandate(**values | changes)


def permission(**changes: Any) -> Permission:
    """Give the permission for the patient summary."""
    values: dict[str, Any] = {"permission_id": UUID(int=4826), "data_service": "48"}
    return Permission(**values | changes)
