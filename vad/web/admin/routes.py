"""The site map of the pages for staff: every address in one screen."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path

from flask import Flask, Response, abort, request

from vad.domain.errors import NotPermittedError, OwnCaseError, StaleFlowError, UnavailableError
from vad.web import health
from vad.web.admin import (
    access_review,
    accounts,
    blocks,
    break_glass,
    cases,
    client_forms,
    clients,
    enrolment,
    keys,
    legal_mandates,
    log,
    log_erasing,
    log_export,
    log_periods,
    log_questions,
    log_whole,
    login,
    mandates,
    overview,
    person_export,
    persons,
    requests,
    signals,
    stop_by_code,
    unmasking,
)
from vad.web.admin.addresses import RIGHT
from vad.web.admin.audit import application as audit_api
from vad.web.admin.menu import MENU
from vad.web.admin.support import NAVIGATION, SESSION, AdminServices, services
from vad.web.admin.words import FILTERS
from vad.web.support import cookies, correlation, i18n, metrics, pages, security_headers, time_limit, tracing
from vad.web.support import services as services_support
from vad.web.support.application import Application
from vad.web.support.error_words import ErrorWords
from vad.web.support.errors import PageError, as_page, page_expired, register_error_pages, temporarily_unavailable
from vad.web.support.i18n import msgid
from vad.web.support.metrics import Observe

LARGEST_BODY = 64 * 1024
"""Bytes."""
LONGEST_TARGET = 8 * 1024
"""Characters of path and query together."""
_TEMPLATES = Path(__file__).parents[1] / "templates" / "admin"
OPEN = frozenset(
    {
        "static",
        "health.healthz",
        "health.readyz",
        "health.metrics",
        "staff_login.login",
        "staff_login.answer",
        "staff_login.callback",
        "staff_login.jwks",
        "staff_login.renew",
        "staff_login.expired",
        "staff_login.log_out",
        "staff_login.logged_out",
        "enrolment.enrolment",
        "enrolment.answer",
        "enrolment.callback",
    }
)
"""What needs no right: logging in and out, and what machines ask."""


def init_app(
    app: Application, known: AdminServices, observe: Observe, *, https: bool, begin: tracing.Begin | None = None
) -> None:
    """Register everything that answers HTTP. Raises `TypeError` for a view that says not which right it needs."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_BODY
    app.config["MAX_FORM_PARTS"] = 100
    services_support.init_app(app, known)
    audit_api.answer_at(app, known, largest_body=LARGEST_BODY, also=partial(_also_in_api, begin))  # /v1/audit/…
    if begin is not None:
        tracing.init_app(app, begin)
    security_headers.init_app(app, https=https)
    metrics.init_app(app, observe)
    correlation.init_app(app)
    time_limit.init_app(app)
    cookies.init_app(app, https=https)
    i18n.init_app(app, https=https)
    pages.init_app(app, logout_token=_logout_token, own=_TEMPLATES)
    app.jinja_env.filters.update(FILTERS)
    app.before_request(_refuse_long_target)

    app.register_blueprint(login.blueprint)  # /inloggen /callback /jwks /uitloggen …
    app.register_blueprint(enrolment.blueprint)  # /aanmelden /digid/callback
    app.register_blueprint(overview.blueprint)  # /
    app.register_blueprint(break_glass.blueprint)  # /noodtoegang /noodtoegang/controle
    app.register_blueprint(signals.blueprint)  # /signalen /signalen/{name}
    app.register_blueprint(mandates.blueprint)  # /machtigingen …
    app.register_blueprint(unmasking.blueprint)  # /personen/wie-zijn-dit …
    app.register_blueprint(cases.blueprint)  # /meldingen /meldingen/{case}
    app.register_blueprint(persons.blueprint)  # /personen …
    app.register_blueprint(person_export.blueprint)  # /personen/<reference>/gegevens
    app.register_blueprint(log.blueprint)  # /logboek /logboek/<event>
    app.register_blueprint(log_whole.blueprint)  # /logboek/klopt
    app.register_blueprint(log_erasing.blueprint)  # /logboek/wissen …
    app.register_blueprint(log_export.blueprint)  # /logboek/export
    app.register_blueprint(log_questions.blueprint)  # /logboek/vragen/…
    app.register_blueprint(log_periods.blueprint)  # /logboek/vragen/te-lang …
    app.register_blueprint(access_review.blueprint)  # /toegang /toegang.csv
    app.register_blueprint(accounts.blueprint)  # /accounts /accounts/{account}/beeindigen
    app.register_blueprint(requests.blueprint)  # /verzoeken
    app.register_blueprint(blocks.blueprint)  # /blokkades
    app.register_blueprint(legal_mandates.blueprint)  # /wettelijk
    app.register_blueprint(stop_by_code.blueprint)  # /stopcode
    app.register_blueprint(clients.blueprint)  # /apps /bronnen
    app.register_blueprint(client_forms.blueprint)  # /apps-aanmelden /apps-wijzigen/…
    app.register_blueprint(keys.blueprint)  # /sleutels
    app.register_blueprint(health.blueprint)  # /healthz /readyz /metrics

    app.extensions[NAVIGATION] = MENU
    register_error_pages(app, machine_blueprints={"health"})
    app.register_error_handler(StaleFlowError, partial(_page_for, app, page_expired))
    app.register_error_handler(UnavailableError, partial(_page_for, app, temporarily_unavailable))
    app.register_error_handler(NotPermittedError, partial(_page_for, app, _not_permitted))
    app.register_error_handler(OwnCaseError, partial(_page_for, app, _own_case))
    require_rights(app)


def _also_in_api(begin: tracing.Begin | None, app: Flask) -> None:
    if begin is not None:
        tracing.init_app(app, begin)
    app.before_request(_refuse_long_target)


def require_rights(app: Flask) -> None:
    """Raise `TypeError` for a view that says not which right it needs, and is not open to everybody."""
    without = [name for name, view in app.view_functions.items() if not hasattr(view, RIGHT) and name not in OPEN]
    if without:
        raise TypeError(f"views without a right: {', '.join(sorted(without))}")


def _page_for(app: Flask, made: Callable[[], PageError], error: Exception) -> Response:
    return as_page(app, made(), error)


def _not_permitted() -> PageError:
    words = ErrorWords(
        "access_denied",
        msgid("No access"),
        msgid("Your role may not do this. That you tried is in the log."),
        msgid("Do you need this for your work? Ask an administrator."),
    )
    return PageError(HTTPStatus.FORBIDDEN, words)


def _own_case() -> PageError:
    words = ErrorWords(
        "access_denied",
        msgid("No access"),
        msgid("This is about yourself. That you tried is in the log."),
        msgid("Ask somebody else to do it."),
    )
    return PageError(HTTPStatus.FORBIDDEN, words)


def _refuse_long_target() -> None:
    if len(request.environ.get("RAW_URI") or request.full_path) > LONGEST_TARGET:
        abort(HTTPStatus.REQUEST_URI_TOO_LONG)


def _logout_token() -> str | None:
    """For the log-out button. A cookie is enough to show it: an error page can't ask Redis while it is away."""
    cookie = cookies.read(SESSION)
    return services().csrf.token(cookie) if cookie else None
