"""How views reach the use cases: one frozen value, put on the application by `vad.bootstrap`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from flask import Flask, current_app

from vad.domain.profiles_allowed import Profiles
from vad.services.acting import Acting
from vad.services.activity import Activity
from vad.services.api_access import ApiAccess
from vad.services.assents import OwnAssents
from vad.services.authorize import Authorize
from vad.services.blocks import OwnBlocks
from vad.services.cases import OwnCases
from vad.services.client_list import ClientListAnnounced
from vad.services.client_registration import ClientRegistration
from vad.services.consents import ConsentService
from vad.services.contacts import OwnContacts
from vad.services.given_consents import GivenConsents
from vad.services.health import Health
from vad.services.introspection import Introspection
from vad.services.login import Login
from vad.services.logout import Logout
from vad.services.mandates_for_apps import MandatesForApps
from vad.services.mandating import Mandating
from vad.services.own_data import OwnData
from vad.services.own_sessions import OwnSessions
from vad.services.ports.outside import PublishedRequests
from vad.services.ports.papers import PaperWriter
from vad.services.ports.records import Registrations
from vad.services.ports.sealed_log import SealedLog
from vad.services.ports.tokens import (
    CertificateProofs,
    ClientAssertions,
    ClientCertificates,
    DpopProofs,
    Handles,
    IntrospectionAnswers,
    Randomness,
    RequestObjects,
)
from vad.services.ports.volatile import RateLimits
from vad.services.posted_requests import PostedRequests
from vad.services.prepared_mandates import PreparedChanges
from vad.services.pushed_requests import PushedAuthorization
from vad.services.renewable_login import RenewableLogins
from vad.services.revocation import Revocation
from vad.services.sessions import SessionService
from vad.services.token_exchange import TokenExchange
from vad.services.tokens import Tokens
from vad.services.userinfo import UserInfo
from vad.web.support.csrf import CsrfProtector
from vad.web.support.metrics import Exposition

EXTENSION = "vad.services"


SignMetadata = Callable[[str, Mapping[str, object]], str]
"""Signs what an issuer says of itself. The same one for as long as the keys are the same."""


@dataclass(frozen=True, slots=True)
class Published:
    """What VAD publishes of its keys, as JSON, made once per key ring."""

    jwks: bytes
    digid_jwks: bytes
    id_token_algorithms: tuple[str, ...]
    request_encryption: tuple[str, ...]
    """What apps may encrypt their requests with."""
    sign_metadata: SignMetadata = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClientListDoor:
    """Where somebody says that the ministry's list of clients changed."""

    token: str = field(repr=False)
    """What they have to show; empty: nothing."""
    announced: ClientListAnnounced


@dataclass(frozen=True, slots=True, kw_only=True)
class Basics:
    """What the views of every application of VAD may use."""

    health: Health
    rate_limits: RateLimits
    handles: Handles
    random: Randomness
    csrf: CsrfProtector
    metrics: Exposition


@dataclass(frozen=True, slots=True, kw_only=True)
class Services(Basics):
    """Everything that views for citizens and their apps may use."""

    issuer: str
    profiles: Profiles
    digid_origin: str
    documents: Callable[[], Published]
    """What is published of the keys of this moment."""
    registrations: Registrations
    log: SealedLog
    authorize: Authorize
    acting: Acting
    posted_requests: PostedRequests
    pushed: PushedAuthorization
    consents: ConsentService
    given_consents: GivenConsents
    blocks: OwnBlocks
    cases: OwnCases
    assents: OwnAssents
    mandates: Mandating
    contacts: OwnContacts
    login: Login
    sessions: SessionService
    own_sessions: OwnSessions
    own_data: OwnData
    logout: Logout
    tokens: Tokens
    token_exchange: TokenExchange
    introspection: Introspection
    introspection_answers: IntrospectionAnswers
    revocation: Revocation
    registration: ClientRegistration | None
    """None: apps do not register themselves here."""
    userinfo: UserInfo
    papers: PaperWriter
    api_access: ApiAccess
    mandates_for_apps: MandatesForApps
    prepared_mandates: PreparedChanges
    activity: Activity
    client_assertions: ClientAssertions
    certificate_proofs: CertificateProofs
    request_objects: RequestObjects
    published_requests: PublishedRequests
    renewable_logins: RenewableLogins
    client_list: ClientListDoor | None
    """None: no list of the ministry is read."""
    dpop_proofs: DpopProofs
    client_certificates: ClientCertificates
    certificate_origin: str
    """Where apps with a certificate come; empty: where everybody comes."""


def init_app(app: Flask, known: Basics) -> None:
    """Put the use cases on the application."""
    app.extensions[EXTENSION] = known


def services() -> Services:
    """The use cases of the application that handles this request."""
    found: Services = current_app.extensions[EXTENSION]
    return found


def basics() -> Basics:
    """The part of them that every application has."""
    found: Basics = current_app.extensions[EXTENSION]
    return found


def now() -> datetime:
    """The time of this request: the one place where the web layer reads a clock."""
    return datetime.now(UTC)
