"""The web application."""

from collections.abc import Callable, Sequence
from functools import partial

from flask import Flask

from vad.adapters import metrics
from vad.adapters.http.caller import HttpCaller
from vad.adapters.http.client_documents import GuardedRequests
from vad.adapters.jose.answers import JweAnswers
from vad.adapters.jose.client_assertions import JwtClientAssertions
from vad.adapters.jose.client_signatures import ClientSignatures
from vad.adapters.jose.dpop import DpopNonces, JwtDpopProofs
from vad.adapters.jose.encryption import JweSubjectSealer
from vad.adapters.jose.handles import SivHandles
from vad.adapters.jose.id_token_hints import JwtIdTokenHints
from vad.adapters.jose.introspection_answers import JwtIntrospectionAnswers
from vad.adapters.jose.pairwise import HmacPairwise
from vad.adapters.jose.published_certificates import PublishedCertificates
from vad.adapters.jose.published_keys import PublishedKeys
from vad.adapters.jose.request_objects import JwtRequestObjects
from vad.adapters.jose.signer import OWN_ALGORITHM, JwtSigner
from vad.adapters.jose.verifier import JwtVerifier
from vad.adapters.letters.papers import TypstPapers
from vad.adapters.postgres.log_sealer import PostgresSealedLog
from vad.adapters.postgres.schema_check import SchemaCheck
from vad.adapters.redis.authorization_requests import RedisAuthorizationRequests
from vad.adapters.redis.codes import RedisCodes
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.consent_drafts import RedisConsentDrafts
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.logout_requests import RedisLogoutRequests
from vad.adapters.redis.mandate_drafts import RedisMandateDrafts
from vad.adapters.redis.name_cache import RedisNameCache
from vad.adapters.redis.pending_logins import RedisPendingLogins
from vad.adapters.redis.prepared_mandates import RedisPreparedMandates
from vad.adapters.redis.pushed_requests import RedisPushedRequests
from vad.adapters.redis.rate_limits import RedisRateLimits
from vad.adapters.redis.renewable_logins import RedisRenewableLogins
from vad.adapters.redis.replay import RedisReplayGuard
from vad.adapters.redis.sessions import RedisSessions
from vad.adapters.redis.subject_cache import RedisSubjectCache
from vad.adapters.vault.check_codes import HmacCheckCodes
from vad.adapters.vault.errors import UnknownKeyError
from vad.adapters.vault.keyring import Purpose
from vad.adapters.vault.randomness import SystemRandomness
from vad.bootstrap import registers, running
from vad.bootstrap.documents import documents
from vad.bootstrap.foundation import Foundation, lay_foundation
from vad.bootstrap.mandating import mandating
from vad.bootstrap.ministry import client_list_door, handed_references, legacy_subjects, renewable_logins
from vad.bootstrap.person_claims import person_claims
from vad.bootstrap.proxy import behind, client_certificates
from vad.bootstrap.redis import connection as redis_connection
from vad.bootstrap.registration import client_registration
from vad.bootstrap.security_events import mandate_end, security_events
from vad.bootstrap.tracing import EXTENSION
from vad.domain.assent import OpenAges
from vad.domain.errors import StoreUnavailableError
from vad.domain.profile import Profile
from vad.domain.profiles_allowed import Profiles
from vad.services.acting import Acting
from vad.services.activity import Activity
from vad.services.api_access import ApiAccess
from vad.services.assents import OwnAssents
from vad.services.authorize import Authorize
from vad.services.blocks import OwnBlocks
from vad.services.cases import OwnCases
from vad.services.consents import ConsentService
from vad.services.contacts import OwnContacts
from vad.services.given_consents import GivenConsents
from vad.services.health import Health
from vad.services.introspection import Introspection, LivingTokens
from vad.services.issuing import Issuing
from vad.services.login import Login
from vad.services.logout import Logout
from vad.services.logout_notices import LogoutNotices
from vad.services.mandate_drafts import Drafting
from vad.services.mandates_for_apps import MandatesForApps
from vad.services.names import Names
from vad.services.own_data import OwnData
from vad.services.own_sessions import Logins, OwnSessions
from vad.services.ports.volatile import RateLimit
from vad.services.posted_requests import PostedRequests
from vad.services.prepared_mandates import PreparedChanges
from vad.services.pushed_requests import PushedAuthorization
from vad.services.representation import Representation
from vad.services.revocation import Revocation
from vad.services.sessions import SessionService
from vad.services.shared_claims import SharedClaims
from vad.services.situations import Situations
from vad.services.subjects import Subjects
from vad.services.token_exchange import TokenExchange
from vad.services.tokens import Tokens
from vad.services.userinfo import UserInfo
from vad.settings import Settings
from vad.web import routes
from vad.web.citizen.information import Operator
from vad.web.support.application import Application
from vad.web.support.csrf import CsrfProtector
from vad.web.support.metrics import Exposition
from vad.web.support.redirects import origin
from vad.web.support.services import Services


def create_app(settings: Settings) -> Flask:
    """The web application. Raises `ConfigurationFileError`, `StoreUnavailableError` when it can't start."""
    foundation = lay_foundation(settings, "web")
    foundation.metrics.tell_keys(foundation.active_keys)
    foundation.metrics.tell_certificates(foundation.certified_keys)
    app = Application("vad.web")
    app.url_map.strict_slashes = True
    operator = Operator(**settings.operator.model_dump())
    traces = foundation.traces
    routes.init_app(
        app,
        _services(foundation),
        operator,
        foundation.metrics.request,
        https=settings.service.secure,
        begin=traces.begin_request if traces is not None else None,
    )
    if traces is not None:
        app.extensions[EXTENSION] = traces
    app.wsgi_app = behind(app.wsgi_app, settings)  # type: ignore[assignment,method-assign]
    return app


def _services(foundation: Foundation) -> Services:
    settings, keys = foundation.settings, foundation.keys
    issuer, work, registrations = settings.service.issuer, foundation.work, foundation.registrations
    allowed = tuple(map(Profile, settings.service.allowed_profiles))
    profiles = Profiles(allowed, settings.proxy.client_certificate_header is not None)
    random, handles, pairwise = SystemRandomness(), SivHandles(keys), HmacPairwise(keys.current)
    redis, names = redis_connection(settings.redis), StoreKeys(keys.current)
    sessions, codes = RedisSessions(redis, names), RedisCodes(redis, names)
    replay = RedisReplayGuard(redis, names)
    requests = RedisAuthorizationRequests(redis, names)
    published = PublishedKeys(registers.apps(foundation, "keys of"))
    signatures, signer, answers = ClientSignatures(published), JwtSigner(keys, issuer), JweAnswers(published)
    pushed = PushedAuthorization(RedisPushedRequests(redis, names), random, replay)
    digid, brp, prs = (registers.caller(foundation, register) for register in ("digid", "brp", "prs"))
    register = registers.persons(settings, brp)
    name_cache = RedisNameCache(redis, names, keys)
    called = Names(work, register, name_cache)
    subjects = Subjects(pairwise, legacy_subjects(settings))
    session_service = SessionService(work, sessions, called, LogoutNotices(registrations, pairwise, subjects))
    hints, logouts = JwtIdTokenHints(keys, issuer), RedisLogoutRequests(redis, names, keys)
    open_ages = OpenAges(**settings.parental_access.model_dump())
    representation = Representation(work, register, RedisSubjectCache(redis, names, keys), open_ages)
    situations = Situations(work, registrations, subjects, representation, settings.sso.cross_client)
    shared = SharedClaims(person_claims(settings))
    issuing = Issuing(
        issuer=issuer,
        work=work,
        registrations=registrations,
        signer=signer,
        sealer=JweSubjectSealer(),
        answers=answers,
        pairwise=pairwise,
        subjects=subjects,
        handles=handles,
        pseudonyms=registers.pseudonyms(settings, prs, replay),
        representation=representation,
        shared=shared,
    )
    verifier = JwtVerifier(keys, issuer)
    living = LivingTokens(issuer, work, registrations, issuing, verifier, handles)
    references = handed_references(
        settings, registrations, issuing, handles, registers.references(settings, prs, replay)
    )
    drafting = Drafting(RedisMandateDrafts(redis, names, keys), handles)
    mandates = mandating(foundation, representation, called, drafting)
    own_sessions = OwnSessions(sessions, session_service, Logins(sessions, registrations))
    return Services(
        issuer=issuer,
        profiles=profiles,
        digid_origin=origin(settings.digid.issuer),
        documents=documents(foundation),
        registrations=registrations,
        authorize=Authorize(
            work=work,
            registrations=registrations,
            requests=requests,
            codes=codes,
            handles=handles,
            random=random,
            hints=hints,
            sessions=sessions,
            situations=situations,
            pushed=pushed,
            references=references,
        ),
        acting=Acting(requests, handles, representation),
        posted_requests=PostedRequests(requests),
        pushed=pushed,
        consents=ConsentService(issuer, work, requests, RedisConsentDrafts(redis, names, keys), handles, random),
        given_consents=GivenConsents(work, registrations, handles, called, security_events(foundation)),
        cases=OwnCases(work, registrations, called, random),
        blocks=OwnBlocks(work, registrations, random, mandate_end(foundation)),
        assents=OwnAssents(work, registrations, representation, called, handles, random, security_events(foundation)),
        contacts=OwnContacts(work, HmacCheckCodes(keys.current), random, available=settings.mail.host is not None),
        mandates=mandates,
        login=Login(
            work=work,
            provider=registers.digid(foundation, digid),
            register=register,
            names=name_cache,
            pending=RedisPendingLogins(redis, names),
            requests=requests,
            sessions=sessions,
            session_service=session_service,
            handles=handles,
            random=random,
        ),
        sessions=session_service,
        own_sessions=own_sessions,
        own_data=OwnData(work, own_sessions),
        logout=Logout(registrations, hints, work, pairwise, subjects, session_service, logouts, random),
        tokens=Tokens(work, issuing, codes, sessions, handles),
        token_exchange=TokenExchange(work, issuing, verifier, handles),
        introspection=Introspection(living),
        introspection_answers=JwtIntrospectionAnswers(keys, issuer),
        revocation=Revocation(work, verifier, handles),
        registration=client_registration(foundation, published, profiles),
        userinfo=UserInfo(living, subjects, called, representation, signer, answers, random, shared, references),
        papers=TypstPapers(settings.operator.name),
        api_access=ApiAccess(living),
        prepared_mandates=PreparedChanges(
            work, RedisPreparedMandates(redis, names, keys), mandates.making, mandates.answers, handles, random
        ),
        mandates_for_apps=MandatesForApps(work, mandates.overview, mandates.changes, representation, pairwise),
        activity=Activity(work, registrations, called),
        log=PostgresSealedLog(foundation.database),
        health=_health(foundation, redis, (digid, brp, prs)),
        certificate_proofs=PublishedCertificates(published),
        client_assertions=JwtClientAssertions(
            issuer, f"{issuer}/token", replay, signatures, settings.proxy.certificate_origin
        ),
        request_objects=JwtRequestObjects(issuer, signatures, keys),
        published_requests=GuardedRequests(registers.requests(foundation)),
        client_list=client_list_door(settings, work),
        renewable_logins=renewable_logins(settings, RedisRenewableLogins(redis, names), sessions, random),
        dpop_proofs=JwtDpopProofs(DpopNonces(keys), replay),
        client_certificates=client_certificates(settings),
        certificate_origin=settings.proxy.certificate_origin or "",
        rate_limits=RedisRateLimits(
            redis,
            names,
            {
                RateLimit.AUTHORIZE: settings.limits.authorize_per_address,
                RateLimit.LOGIN: settings.limits.login_per_address,
                RateLimit.PROOF: settings.limits.proof_per_address,
                RateLimit.STOP_CODE: settings.limits.stop_codes_per_address,
                RateLimit.UNPROVED: settings.limits.unproved_per_address,
                RateLimit.TOKEN: settings.limits.token_per_client,
                RateLimit.NAMED: settings.limits.token_per_client,
                RateLimit.INTROSPECTION: settings.limits.introspection_per_source,
                RateLimit.API: settings.limits.api_per_person,
                RateLimit.DOWNLOAD: settings.limits.downloads_per_person,
                RateLimit.LOG: settings.limits.log_per_address,
                RateLimit.REGISTRATION: settings.limits.registration_per_token,
                RateLimit.CLIENTS_UPDATED: settings.limits.clients_updated,
            },
        ),
        handles=handles,
        random=random,
        csrf=CsrfProtector(keys.current.active(Purpose.BINDING).secret),
        metrics=Exposition(
            settings.metrics.token.get_secret_value() if settings.metrics.token else "",
            foundation.metrics.exposition,
            metrics.CONTENT_TYPE,
            foundation.metrics.introspection,
        ),
    )


def _health(foundation: Foundation, redis: RedisConnection, callers: Sequence[HttpCaller]) -> Health:
    def keys() -> None:
        try:
            foundation.keys.current.active(Purpose.SIGNING, OWN_ALGORITHM)
        except UnknownKeyError as error:
            raise StoreUnavailableError("there is no key to sign with") from error

    checks: dict[str, Callable[[], None]] = {
        "postgresql": foundation.registrations.check,
        "schema": SchemaCheck(foundation.database),
        "keys": keys,
        "redis": redis.check,
    }
    # Each by its own moment: a closure over the loop's variable would ask the last one alone.
    registers = {caller.register: partial(getattr, caller, "degraded") for caller in callers}
    return Health(checks, registers, running.stopping)
