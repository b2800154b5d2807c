"""The site map: every address of VAD in one screen."""

from functools import partial
from http import HTTPStatus

from flask import Flask, abort, request
from werkzeug.exceptions import MethodNotAllowed

from vad.domain.errors import StaleFlowError, UnavailableError
from vad.web import health, login, transparency
from vad.web.api import application as api
from vad.web.citizen import (
    acting,
    activity,
    assents,
    blocks,
    cases,
    confirm_login,
    confirmations,
    consent,
    contacts,
    expiry,
    given_consents,
    logout,
    mandate_answer,
    mandate_changes,
    mandate_making,
    mandate_papers,
    mandate_stop_code,
    mandates,
    own_data,
    sessions,
)
from vad.web.citizen.information import Operator, information_blueprint
from vad.web.ministry import clients_updated
from vad.web.ministry import documents as ministry_documents
from vad.web.ministry import health as ministry_health
from vad.web.oidc import authorize, introspection, metadata, par, registration, revocation, server, token, userinfo
from vad.web.oidc import logout as end_session
from vad.web.support import cookies, correlation, i18n, metrics, pages, security_headers, time_limit, tracing
from vad.web.support import services as services_support
from vad.web.support.application import Application
from vad.web.support.errors import as_page, page_expired, register_error_pages, temporarily_unavailable
from vad.web.support.metrics import Observe
from vad.web.support.services import Services, services

LARGEST_BODY = 64 * 1024
"""Bytes."""
LONGEST_TARGET = 8 * 1024
"""Characters of path and query together. `vad.wsgi` lets gunicorn take more, so that it is this limit that answers."""
_MACHINES = frozenset(
    {
        *("metadata", "par", "token", "introspection", "revocation", "userinfo", "registration"),
        *("health", "transparency", "ministry_health", "ministry_documents", "clients_updated"),
    }
)
_SPENDING = frozenset(
    {
        "authorize.authorize",
        "authorize.posted",
        "authorize.resume",
        "consent.consent",
        "login.callback",
        "end_session.end_session",
        "end_session.resume",
    }
)
"""Endpoints whose GET uses up, or makes, what works once."""


def init_app(
    app: Application,
    known: Services,
    operator: Operator,
    observe: Observe,
    *,
    https: bool,
    begin: tracing.Begin | None = None,
) -> None:
    """Register everything that answers HTTP. `begin` notes requests for OpenTelemetry, where the settings ask."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_BODY
    app.config["MAX_FORM_PARTS"] = 100
    services_support.init_app(app, known)
    api.answer_at(app, known, largest_body=LARGEST_BODY, also=partial(_also_in_api, begin))  # /v1/…
    if begin is None:
        metadata.answer_at_once(app, known)
    else:
        tracing.init_app(app, begin)
    # From the inside out: the log line of a request has its name.
    security_headers.init_app(app, https=https)
    metrics.init_app(app, observe)
    correlation.init_app(app)
    time_limit.init_app(app)
    cookies.init_app(app, https=https)
    i18n.init_app(app, https=https)
    pages.init_app(app, logout_token=_logout_token)
    server.init_app(app)
    app.before_request(_refuse_long_target)
    app.before_request(_refuse_head)

    app.url_map.converters["any_path"] = transparency.AnyPath
    app.register_blueprint(metadata.blueprint)  # /.well-known/… /jwks /digid/jwks
    app.register_blueprint(authorize.blueprint)  # /authorize /authorize/posted /authorize/resume
    app.register_blueprint(par.blueprint)  # /par
    app.register_blueprint(token.blueprint)  # /token
    app.register_blueprint(end_session.blueprint)  # /logout /logout/resume /logout/answer
    app.register_blueprint(introspection.blueprint)  # /introspect
    app.register_blueprint(revocation.blueprint)  # /revoke
    app.register_blueprint(userinfo.blueprint)  # /userinfo
    if known.registration is not None:
        app.register_blueprint(registration.blueprint)  # /register /register/…
    _register_pages(app)
    app.register_blueprint(information_blueprint(operator))  # /hulp /iemand-helpen … /.well-known/security.txt
    app.register_blueprint(health.blueprint)  # /healthz /readyz /metrics
    if known.profiles.former_addresses:
        app.register_blueprint(ministry_health.blueprint)  # /health
        app.register_blueprint(ministry_documents.blueprint)  # /json-schema.json; /acs /metadata/… … say what to use
        app.register_blueprint(clients_updated.blueprint)  # /api/v1/clients-updated
    app.register_blueprint(transparency.blueprint)  # /log/checkpoint /log/tile/…

    register_error_pages(app, machine_blueprints=_MACHINES)
    app.register_error_handler(StaleFlowError, lambda error: as_page(app, page_expired(), error))
    app.register_error_handler(UnavailableError, lambda error: as_page(app, temporarily_unavailable(), error))


def _register_pages(app: Flask) -> None:
    """What people see, but for the pages that name who runs this."""
    app.register_blueprint(login.blueprint)  # /inloggen /digid/callback
    app.register_blueprint(confirm_login.blueprint)  # /doorgaan
    app.register_blueprint(acting.blueprint)  # /voor-wie /namens
    app.register_blueprint(consent.blueprint)  # /toestemming
    app.register_blueprint(expiry.blueprint)  # /auth/session/renew /verlopen
    app.register_blueprint(activity.blueprint)  # /mijn /mijn/activiteit /mijn/activiteit.csv|json
    app.register_blueprint(own_data.blueprint)  # /mijn/gegevens
    app.register_blueprint(cases.blueprint)  # /mijn/melding /mijn/melding/{event} /mijn/meldingen
    app.register_blueprint(given_consents.blueprint)  # /mijn/toestemmingen
    app.register_blueprint(assents.blueprint)  # /mijn/ouders /mijn/ouders/toestaan
    app.register_blueprint(blocks.blueprint)  # /mijn/delen /mijn/delen/app /mijn/delen/organisatie
    app.register_blueprint(contacts.blueprint)  # /mijn/berichten
    app.register_blueprint(
        mandates.blueprint
    )  # /mijn/machtigingen /mijn/machtigingen/gegeven /mijn/machtigingen/gekregen
    app.register_blueprint(mandate_making.blueprint)  # /mijn/machtigen/… /mijn/machtiging-vragen/…
    app.register_blueprint(mandate_answer.blueprint)  # /mijn/machtigingen/code /mijn/machtigingen/{id}/antwoord
    app.register_blueprint(mandate_changes.blueprint)  # /mijn/machtigingen/{id}/stoppen|einde|code|intrekken
    app.register_blueprint(
        mandate_papers.blueprint
    )  # /mijn/machtigingen/{id}/bewijs /mijn/machtigingen/code/pdf /bewijs/…
    app.register_blueprint(confirmations.blueprint)  # /mijn/bevestigen/{name}
    app.register_blueprint(mandate_stop_code.blueprint)  # /machtiging-stoppen
    app.register_blueprint(sessions.blueprint)  # /mijn/sessies
    app.register_blueprint(logout.blueprint)  # /uitloggen /uitgelogd


def _also_in_api(begin: tracing.Begin | None, app: Flask) -> None:
    if begin is not None:
        tracing.init_app(app, begin)
    app.before_request(_refuse_long_target)


def _refuse_long_target() -> None:
    # As it was sent, which gunicorn tells; decoding makes a path shorter.
    if len(request.environ.get("RAW_URI") or request.full_path) > LONGEST_TARGET:
        abort(HTTPStatus.REQUEST_URI_TOO_LONG)


def _refuse_head() -> None:
    """Whoever asks for headers alone, such as a link checker, would spend what the person's own GET needs."""
    if request.method == "HEAD" and request.endpoint in _SPENDING and request.url_rule is not None:
        raise MethodNotAllowed(sorted((request.url_rule.methods or set()) - {"HEAD"}))


def _logout_token() -> str | None:
    """For the log-out button. A cookie is enough to show it: an error page can't ask Redis while it is away."""
    cookie = cookies.browser().session_cookie
    return services().csrf.token(cookie) if cookie else None
