"""The pages for staff: an application of its own, on a role of its own in PostgreSQL."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from vad.adapters import metrics
from vad.adapters.configuration.files import ConfigurationFileError
from vad.adapters.digid.oidc import OidcIdentityProvider
from vad.adapters.http.caller import HttpCaller
from vad.adapters.jose import keyset
from vad.adapters.jose.handles import SivHandles
from vad.adapters.oidc.relying_party import Registration
from vad.adapters.postgres.access_review import PostgresStaffRecords
from vad.adapters.postgres.log_key import log_key
from vad.adapters.postgres.overview import PostgresCounting
from vad.adapters.postgres.schema_check import SchemaCheck
from vad.adapters.postgres.signals import PostgresSignalCounting
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.name_cache import RedisNameCache
from vad.adapters.redis.pending_logins import RedisPendingLogins
from vad.adapters.redis.rate_limits import RedisRateLimits
from vad.adapters.redis.sessions import RedisSessions
from vad.adapters.redis.staff import RedisPendingStaffLogins, RedisStaffDrafts, RedisStaffSessions
from vad.adapters.redis.subject_cache import RedisSubjectCache
from vad.adapters.staff_idp.oidc import Demands, OidcStaffIdentityProvider
from vad.adapters.tlog.ed25519 import verify as verify_signature
from vad.adapters.vault.certification import certified_until
from vad.adapters.vault.keyring import KeyRing, Purpose
from vad.adapters.vault.keys import StoredKey
from vad.adapters.vault.person_references import AesPersonReferences
from vad.adapters.vault.randomness import SystemRandomness
from vad.adapters.vault.rings import PerRing
from vad.adapters.x509.errors import CertificateError
from vad.bootstrap import admin_log, registers, running
from vad.bootstrap.deciding import deciding
from vad.bootstrap.foundation import Foundation, lay_foundation, most_days
from vad.bootstrap.log_keeping import known_keys, published, reading
from vad.bootstrap.redis import connection as redis_connection
from vad.bootstrap.signals import thresholds
from vad.bootstrap.tracing import EXTENSION
from vad.domain.assent import OpenAges
from vad.services.access_review import AccessReviews
from vad.services.break_glass import BreakGlassAccess
from vad.services.health import Health
from vad.services.key_changes import KeyChanges
from vad.services.key_overview import KeyEntry, KeyOverview
from vad.services.log_changes import LogChanges
from vad.services.log_inquiry import LogInquiry
from vad.services.log_wholeness import LogWholeness
from vad.services.mandate_inquiry import MandateInquiry
from vad.services.names import Names
from vad.services.own_data import PersonExports
from vad.services.own_sessions import Logins
from vad.services.person_inquiry import PersonInquiry
from vad.services.ports.volatile import RateLimit
from vad.services.representation import Representation
from vad.services.signals import Signals
from vad.services.staff_accounts import AccountsOfStaff
from vad.services.staff_alarms import StaffAlarms
from vad.services.staff_cases import StaffCases
from vad.services.staff_drafts import Typed
from vad.services.staff_enrolment import StaffEnrolment
from vad.services.staff_login import StaffLogin
from vad.services.staff_overview import StaffOverview
from vad.services.staff_views import StaffViews
from vad.services.unmasking import Unmasking
from vad.services.unmasking_limit import UnmaskingLimit
from vad.settings import Settings
from vad.web.admin import routes
from vad.web.admin.support import AdminServices
from vad.web.support.application import Application
from vad.web.support.csrf import CsrfProtector
from vad.web.support.metrics import Exposition
from vad.web.support.redirects import origin


def create_admin_app(settings: Settings) -> Flask:
    """The application. Raises `ConfigurationFileError` where the settings have none, `StoreUnavailableError`."""
    admin = settings.admin
    if admin.origin is None or admin.database_url is None:
        raise ConfigurationFileError("admin.origin: set the section [admin] to serve the pages for staff")
    foundation = lay_foundation(settings, "admin", admin.database_url.get_secret_value())
    app = Application("vad.web")
    app.url_map.strict_slashes = True
    traces = foundation.traces
    routes.init_app(
        app,
        _services(foundation),
        foundation.metrics.request,
        https=admin.origin.startswith("https://"),
        begin=traces.begin_request if traces is not None else None,
    )
    if traces is not None:
        app.extensions[EXTENSION] = traces
    if settings.http.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.http.trusted_proxies)  # type: ignore[method-assign]
    return app


def _services(foundation: Foundation) -> AdminServices:
    settings, keys, work = foundation.settings, foundation.keys, foundation.work
    outside = published(settings)
    admin = settings.admin
    random, handles = SystemRandomness(), SivHandles(keys)
    redis, names = redis_connection(settings.redis), StoreKeys(keys.current)
    digid, staff_idp, brp = (registers.caller(foundation, register) for register in ("digid", "staff_idp", "brp"))
    called = Names(work, registers.persons(settings, brp), RedisNameCache(redis, names, keys))
    references = AesPersonReferences(keys.current)
    sessions, alone = RedisStaffSessions(redis, names), UnmaskingLimit(admin.unmask_per_day)
    token = settings.metrics.token
    decided = deciding(foundation, _representation(foundation, RedisSubjectCache(redis, names, keys)))
    alarms = StaffAlarms(admin.alarm_address)
    signing_log = partial(log_key, foundation.database, known_keys(settings))
    key_overview = KeyOverview(partial(_keys, foundation), signing_log, settings.audit.checkpoint_key_days)
    return AdminServices(
        origin=admin.origin or "",
        identity_origins=(origin(admin.issuer or ""), origin(settings.digid.issuer)),
        jwks=PerRing(keys, _jwks),
        login=StaffLogin(
            work=work,
            provider=_staff_idp(foundation, staff_idp),
            pending=RedisPendingStaffLogins(redis, names),
            sessions=sessions,
            handles=handles,
            random=random,
            life=timedelta(minutes=admin.login_minutes),
        ),
        enrolment=StaffEnrolment(
            work=work,
            digid=OidcIdentityProvider(
                Registration(settings.digid.issuer, settings.digid.client_id, f"{admin.origin}/digid/callback"),
                keys,
                digid,
                random,
            ),
            pending=RedisPendingLogins(redis, names, "staff_enrolment"),
            sessions=sessions,
            handles=handles,
            random=random,
        ),
        typed=Typed(sessions, RedisStaffDrafts(redis, names, keys)),
        views=StaffViews(work),
        cases=StaffCases(work, random),
        break_glass=BreakGlassAccess(work, random, alarms),
        signals=Signals(
            work,
            PostgresSignalCounting(foundation.database),
            AesPersonReferences(keys.current),
            thresholds(settings),
        ),
        deciding=decided,
        unmasking=Unmasking(work, decided.approvals, called),
        key_overview=key_overview,
        key_changes=KeyChanges(decided.approvals, key_overview),
        log_changes=LogChanges(work, decided.approvals, settings.operator.log_years),
        overview=StaffOverview(PostgresCounting(foundation.database)),
        registrations=foundation.registrations,
        references=references,
        persons=PersonInquiry(work, references, called, alone),
        person_exports=PersonExports(work, Logins(RedisSessions(redis, names), foundation.registrations), alone),
        mandates=MandateInquiry(work),
        log=LogInquiry(work),
        wholeness=LogWholeness(
            work,
            partial(reading, foundation.database),
            known_keys(settings),
            verify_signature,
            years=settings.operator.log_years,
            published=outside.latest if outside else lambda: None,
        ),
        exports=admin_log.exports(foundation, references),
        proving=admin_log.proving(foundation),
        api_access=admin_log.api_access(foundation, staff_idp),
        accounts=AccountsOfStaff(work, alarms),
        access_reviews=AccessReviews(PostgresStaffRecords(foundation.database)),
        health=Health(
            {
                "postgresql": foundation.registrations.check,
                "schema": SchemaCheck(foundation.database),
                "redis": redis.check,
            },
            {caller.register: partial(getattr, caller, "degraded") for caller in (digid, staff_idp, brp)},
            running.stopping,
        ),
        rate_limits=RedisRateLimits(
            redis,
            names,
            {
                RateLimit.STAFF_LOGIN: admin.login_per_address,
                RateLimit.API: settings.limits.api_per_person,
                RateLimit.UNPROVED: settings.limits.unproved_per_address,
            },
        ),
        handles=handles,
        random=random,
        csrf=CsrfProtector(keys.current.active(Purpose.BINDING).secret),
        metrics=Exposition(
            token.get_secret_value() if token else "",
            foundation.metrics.exposition,
            metrics.CONTENT_TYPE,
            foundation.metrics.introspection,
        ),
    )


def _representation(foundation: Foundation, minors: RedisSubjectCache) -> Representation:
    register = registers.persons(foundation.settings, registers.caller(foundation, "brp"))
    return Representation(foundation.work, register, minors, OpenAges())


def _keys(foundation: Foundation) -> Iterator[KeyEntry]:
    for key in foundation.keys.stored:
        since, days = key.retired_at or key.activated_at or key.created_at, most_days(foundation.settings, key.purpose)
        yield KeyEntry(key.key_id, key.purpose.value, key.algorithm, key.state.value, since, days, *_certified(key))


def _certified(key: StoredKey) -> tuple[datetime | None, bool]:
    """When its certificate ends, and whether it is none that VAD publishes."""
    try:
        return certified_until(key.key_id, key.certificates) if key.certificates else None, False
    except CertificateError:
        return None, True


def _staff_idp(foundation: Foundation, caller: HttpCaller) -> OidcStaffIdentityProvider:
    admin = foundation.settings.admin
    return OidcStaffIdentityProvider(
        Registration(admin.issuer or "", admin.client_id or "", f"{admin.origin}/callback"),
        Demands(admin.acr or "", admin.roles_claim),
        foundation.keys,
        caller,
        SystemRandomness(),
    )


def _jwks(ring: KeyRing) -> bytes:
    return json.dumps(keyset.staff_key_set(ring), separators=(",", ":")).encode()
