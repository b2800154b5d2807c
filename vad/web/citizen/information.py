"""Pages that explain VAD itself (P19): help and contact, privacy, accessibility, reporting a security problem."""

from dataclasses import dataclass

from flask import Blueprint, Response

from vad.web.support.pages import render


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


def information_blueprint(operator: Operator) -> Blueprint:
    """Make the blueprint with the information pages of this operator."""
    blueprint = Blueprint("information", __name__)

    def page(template: str) -> Response:
        return render(template, operator=operator)

    blueprint.add_url_rule("/hulp", "help", lambda: page("help.html"))
    blueprint.add_url_rule("/privacy", "privacy", lambda: page("privacy.html"))
    blueprint.add_url_rule("/toegankelijkheid", "accessibility", lambda: page("accessibility.html"))
    blueprint.add_url_rule("/beveiliging", "security_report", lambda: page("security_report.html"))
    return blueprint
