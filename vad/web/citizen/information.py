"""Pages that explain VAD itself (P19): help, helping someone, families, privacy, accessibility, reporting a problem."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Response, url_for

from vad.web.support.pages import render
from vad.web.support.services import now, services

_GOOD_FOR = timedelta(days=180)
"""Less than a year (RFC 9116 section 2.5.5)."""


@dataclass(frozen=True)
class Operator:
    """Who runs this installation and where people reach them; these pages promise things in that name."""

    name: str
    email: str
    """Questions, complaints and requests about personal data."""
    security_email: str
    """Reports of security problems."""
    phone: str | None = None
    privacy_url: str | None = None
    """The operator's own, complete privacy statement."""
    log_years: int = 5
    """How long the activity log is kept, in years (rule 41)."""
    case_years: int = 2
    """How long after its answer a report is kept, in years (rule 41)."""


def information_blueprint(operator: Operator) -> Blueprint:
    """Make the blueprint with the information pages of this operator."""
    blueprint = Blueprint("information", __name__)

    def page(template: str) -> Response:
        return render(template, operator=operator)

    blueprint.add_url_rule("/hulp", "help", lambda: page("help.html"))
    blueprint.add_url_rule(
        "/ouders-en-kinderen",
        "families",
        lambda: render("parents_and_children.html", open_ages=services().assents.open_ages),
    )
    blueprint.add_url_rule(
        "/iemand-helpen",
        "helping",
        lambda: render(
            "helping_someone.html",
            rules=services().mandates.making.parties.rules,
            letters=services().mandates.by_letter is not None,
        ),
    )
    blueprint.add_url_rule("/privacy", "privacy", lambda: page("privacy.html"))
    blueprint.add_url_rule("/toegankelijkheid", "accessibility", lambda: page("accessibility.html"))
    blueprint.add_url_rule("/.well-known/security.txt", "security_txt", lambda: _security_txt(operator))
    blueprint.add_url_rule("/beveiliging", "security_report", lambda: page("security_report.html"))
    return blueprint


def _security_txt(operator: Operator) -> Response:
    """Where to report a security problem (RFC 9116)."""
    expires = (now() + _GOOD_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    here = url_for("information.security_txt", _external=True)
    lines = (
        f"Contact: mailto:{operator.security_email}",
        f"Expires: {expires.isoformat().replace('+00:00', 'Z')}",
        "Preferred-Languages: nl, en",
        f"Canonical: {here}",
        f"Policy: {url_for('information.security_report', _external=True)}",
    )
    response = Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
